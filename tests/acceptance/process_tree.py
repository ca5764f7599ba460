"""The memory of a process and all that it has begun, watched while something goes on."""

import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_S = 0.05
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
            self.most_mb = max(self.most_mb, sum(map(_proportional_kb, _tree(self._pid))) / 1024)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [each.read_text() for each in (_PROC / str(pid) / "task").glob("*/children")]
    except OSError:
        return
    for child in " ".join(children).split():
        yield from _tree(int(child))


def _proportional_kb(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
