"""Chunks of a document as runs of its windows: windows are what is embedded, chunks are what callers get."""

from collections.abc import Sequence

from msgspec import Struct


class Grid(Struct, frozen=True, kw_only=True):
    """How chunks lie over windows 0 to n - 1: chunk k begins with window k * step and has `per_chunk` of them.

    The last chunk ends with the document; none lies wholly inside the one before.
    """

    per_chunk: int
    step: int

    def __post_init__(self) -> None:
        if not 1 <= self.step <= self.per_chunk:
            raise ValueError(f"step must be from 1 to per_chunk, {self.per_chunk}, not {self.step}")

    def chunks(self, windows: int) -> int:
        """Return how many chunks a document of so many windows has."""
        beyond_first = max(0, windows - self.per_chunk)
        return min(windows, 1 + -(-beyond_first // self.step))

    def chunked(self, windows: int) -> int:
        """Return how many windows its chunks have together; those in several chunks count in each."""
        overlaps = max(0, self.chunks(windows) - 1)
        return windows + overlaps * (self.per_chunk - self.step)

    def windows_of(self, chunk: int, windows: int) -> range:
        """Return the windows of a chunk, in a document of so many windows."""
        first = chunk * self.step
        return range(first, min(first + self.per_chunk, windows))

    def holding(self, window: int, windows: int) -> Sequence[int]:
        """Return the chunks that hold a window, in a document of so many windows."""
        first = max(0, -(-(window + 1 - self.per_chunk) // self.step))
        last = min(window // self.step, self.chunks(windows) - 1)
        return range(first, last + 1)
