"""The real `retinue serve`, as a process of its own that a test starts, kills and starts again."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

SCRIPT = Path(__file__).parent / "rehearsal.yaml"
"""The rehearsal model's, for most tests."""
FUNCTIONS = Path(__file__).parent / "functions" / "retinue.toml"
"""Settings of a server that has functions of its own, and runs them for everybody."""

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 60
POLL_S = 0.02
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
FOREIGN = ("OPENAI_", "RETINUE_", "AZURE_", "OPEN_API_KEY", "ASSISTANT_", "MAX_SESSION_TOKENS")
"""Prefixes of what the tester's own environment must not bring into a server."""
_ENVIRONMENT = {"RETINUE_SANDBOX": "off"}
"""What a server gets unless told: what the sandbox loads takes a second of each start, and few tests run code."""
BARE = Path(__file__).parent
"""Where commands are run: a folder without a `.env` or a retinue.toml, which the tester's own may have."""


class Server:
    """One data folder and, while it runs, the process that serves it.

    The port is chosen by the first start and kept over restarts, so that clients find the server again.
    """

    def __init__(self, data: Path, *, script: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = 0
        self.lines: list[str] = []
        self.script = script
        """What the next start gets as `--script`."""
        self.arguments: list[str] = []
        """What else the next start gets."""
        self.wrapper: list[str] = []
        """A command that runs the server's, put before it."""
        self._environment = environment or {}
        self._process: subprocess.Popen[str] | None = None
        self._changed = threading.Condition()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.running:
            self.kill()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What clients get as OPENAI_BASE_URL."""
        return f"{self.address}/v1"

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def output(self) -> str:
        """All that the server has printed, over all its starts."""
        return "".join(self.lines)

    def start(self) -> None:
        """Start the process; return once `/healthz` answers 200."""
        first_line = len(self.lines)
        self._process = self.spawn()
        assert self._process.stdout is not None
        threading.Thread(target=self._collect, args=(self._process.stdout,), daemon=True).start()
        self.port = self._wait_for_port(first_line)
        self._wait_until_ready()

    def spawn(self) -> "subprocess.Popen[str]":
        """Start one more process on this folder and port, and leave it to the caller."""
        script = [*self.arguments, *([] if self.script is None else ["--script", str(self.script)])]
        return subprocess.Popen(
            [*self.wrapper, *command(), "serve", "--port", str(self.port), "--data", str(self.data), *script],
            cwd=BARE,
            env=environment_of(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def terminate(self) -> None:
        """Send SIGTERM and return at once."""
        self._running().terminate()

    def wait(self, timeout: float = STOP_TIMEOUT_S) -> int:
        """Wait for the process to leave; return its exit code."""
        process = self._running()
        code = process.wait(timeout)
        self._process = None
        return code

    def stop(self) -> int:
        """SIGTERM, and wait."""
        self.terminate()
        return self.wait()

    def kill(self) -> None:
        """SIGKILL: no time for anything."""
        self._running().send_signal(signal.SIGKILL)
        self.wait()

    def restart(self) -> None:
        """Start again on the same folder and port."""
        if self.running:
            self.stop()
        self.start()

    def _running(self) -> "subprocess.Popen[str]":
        assert self._process is not None, "the server does not run"
        return self._process

    def _collect(self, output: IO[str]) -> None:
        for line in output:
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        output.close()
        with self._changed:
            self._changed.notify_all()

    def _wait_for_port(self, first_line: int) -> int:
        process = self._running()

        def address() -> re.Match[str] | None:
            return ADDRESS.search("".join(self.lines[first_line:]))

        with self._changed:
            self._changed.wait_for(lambda: address() or process.poll() is not None, START_TIMEOUT_S)
            found = address()
        if found is None:
            raise AssertionError(f"`retinue serve` printed no address (exit code {process.poll()}): {self.output}")
        return int(found[1])

    def _wait_until_ready(self) -> None:
        """Refused connections tell nothing to wait on, so this one asks again and again."""
        process = self._running()
        pause = threading.Event()
        for _ in range(int(START_TIMEOUT_S / POLL_S)):
            if process.poll() is not None:
                raise AssertionError(f"`retinue serve` left with code {process.returncode}: {self.output}")
            if self._healthy():
                return
            pause.wait(POLL_S)
        raise AssertionError(f"/healthz did not answer 200 within {START_TIMEOUT_S} s: {self.output}")

    def _healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def environment_of(settings: Mapping[str, str]) -> dict[str, str]:
    """The tester's environment with these settings instead of the tester's own."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    return {**inherited, "XDG_CONFIG_HOME": str(BARE), "PYTHONUNBUFFERED": "1", **_ENVIRONMENT, **settings}


def command() -> list[str]:
    """The installed command, else the package as a module."""
    installed = Path(sys.executable).with_name("retinue")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "retinue"]
