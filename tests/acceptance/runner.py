"""The real `retinue sandbox serve`, as a process of its own."""

import re
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from acceptance.process_tree import named
from acceptance.server import BARE, command, environment_of

KEY = "the-key-of-the-tests-0123456789"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Runner:
    """One that serves once the block is entered, at a port that the system chooses."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self.url = ""

    def __enter__(self) -> Self:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [*command(), "sandbox", "serve", "--port", "0"],
                env=environment_of({"RETINUE_SANDBOX": "auto", "RETINUE_RUNNER_KEY": KEY}),
                cwd=BARE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout is not None
        found = _ADDRESS.search(self._process.stdout.readline())
        assert found, self._log.read_text()
        self.url = found[0]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()

    def kill(self) -> None:
        """SIGKILL: no time for anything."""
        self._process.kill()
        self._process.wait()

    def has(self, name: str) -> bool:
        """Tell whether a process of its sessions calls itself so."""
        return bool(named(name, self._process.pid))
