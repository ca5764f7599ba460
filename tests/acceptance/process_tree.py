"""A process and all that it has begun: who they are, whether they live, and their memory while something goes on."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_S = 0.05
_PATIENCE_S = 60
_PROC = Path("/proc")


class Watched:
    """Looks again and again, until the block is left."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.most_mb = 0.0
        """The most that all of them had at one time, what they share counted once."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_LOOK_S):
            self.most_mb = max(self.most_mb, sum(map(_proportional_kb, tree(self._pid))) / 1024)


def tree(pid: int) -> Iterator[int]:
    """Give the process, and all that it and they have begun."""
    yield pid
    try:
        children = [each.read_text() for each in (_PROC / str(pid) / "task").glob("*/children")]
    except OSError:
        return
    for child in " ".join(children).split():
        yield from tree(int(child))


def lives(pid: int) -> bool:
    """Tell whether the process is there, and not just waited for."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def named(name: str, pid: int) -> list[int]:
    """Return those of the tree that call themselves so."""
    return [each for each in tree(pid) if _name(each) == name]


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for what processes tell nobody of."""
    pause = threading.Event()
    for _ in range(int(_PATIENCE_S / _LOOK_S)):
        if condition():
            return
        pause.wait(_LOOK_S)
    raise AssertionError(f"waited {_PATIENCE_S} s in vain: {what}")


def _name(pid: int) -> str:
    try:
        return (_PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def _proportional_kb(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
