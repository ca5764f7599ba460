"""A process that is measured: pinned to a core, asked for its CPU time and memory, ended for sure."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

START_TIMEOUT_S = 120.0
POLL_S = 0.005


def pin(core: int | None) -> Callable[[], None] | None:
    """Return what pins a child to `core` before it starts; None where nothing is to be pinned."""
    if core is None or not hasattr(os, "sched_setaffinity"):
        return None
    return lambda: os.sched_setaffinity(0, {core})


def choose_cores() -> tuple[int | None, int | None]:
    """Return a core for what is measured and another for what measures; None, None if they can't be had."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return (usable[0], usable[1]) if len(usable) > 1 else (None, None)


SERVER_CORE, TOOLS_CORE = choose_cores()


class Process:
    """A running command; leaving its `with` block ends it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        core: int | None,
        log: Path,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._name = Path(command[0]).name
        self._log = log
        self._started = time.monotonic()
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                command,
                cwd=log.parent,  # a folder without a .env or a retinue.toml
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=pin(core),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing that it holds is worth a tidy end, and that may take as long as its longest stream.
        self._child.kill()
        self._child.wait()

    def wait_until_answers(self, url: str) -> float:
        """Return how many seconds after its start the process first answered a GET of `url` with 200."""
        while (elapsed := time.monotonic() - self._started) < START_TIMEOUT_S:
            if self._child.poll() is not None:
                raise SystemExit(f"{self._name} ended before it answered:\n{self.last_words()}")
            if answers(url):
                return elapsed
            time.sleep(POLL_S)
        raise SystemExit(f"No answer from {url} in {START_TIMEOUT_S:.0f} s:\n{self.last_words()}")

    def last_words(self, *, limit: int = 2000) -> str:
        """Return the end of what the process printed, in at most `limit` characters."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-limit:]

    def cpu_seconds(self) -> float:
        """Return the CPU time of all its threads so far, in user and kernel mode."""
        return cpu_seconds(self._child.pid)

    def resident_mb(self) -> float:
        """Return the memory that it keeps in RAM, in MB."""
        return resident_mb(self._child.pid)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of all threads of a process so far, in user and kernel mode."""
    if sys.platform != "linux":
        return seconds_of(ask_ps(pid, "time"))
    # What clock_getcpuclockid(3) gives for a process: exact, where /proc and ps count in hundredths of a second.
    return time.clock_gettime((~pid << 3) | 2)


def resident_mb(pid: int) -> float:
    """Return the memory that a process keeps in RAM, in MB."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except FileNotFoundError:
        return int(ask_ps(pid, "rss")) * 1024 / 1e6
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def ask_ps(pid: int, column: str) -> str:
    command = ["ps", "-o", f"{column}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def seconds_of(clock: str) -> float:
    """Read the CPU time that `ps` prints: `[[days-]hours:]minutes:seconds[.hundredths]`."""
    days, _, rest = clock.rpartition("-")
    seconds = float(days or 0) * 24
    for part in rest.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
