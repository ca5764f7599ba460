"""What BM25 has to know of rows besides their terms: how long each is, whether it is still there, and the average."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

K1 = 1.2
"""How slowly a term's weight saturates with its count (BM25: Robertson and Zaragoza 2009)."""
B = 0.75
"""How much a long row is discounted."""
LONGEST = 65_535


class Rows:
    """Lengths of rows by number. Removed ones keep their place."""

    def __init__(self) -> None:
        self._count = 0
        self._lengths = np.zeros(0, np.uint16)
        self._alive = np.zeros(0, np.bool_)
        self._living = 0
        self._total = 0

    def __len__(self) -> int:
        return self._count

    @property
    def living(self) -> int:
        """Rows that were not removed."""
        return self._living

    @property
    def nbytes(self) -> int:
        return self._lengths.nbytes + self._alive.nbytes

    @property
    def lengths(self) -> NDArray[np.uint16]:
        return self._lengths[: self._count]

    @property
    def alive(self) -> NDArray[np.bool_]:
        return self._alive[: self._count]

    def add(self, lengths: NDArray[np.uint32] | NDArray[np.uint16], alive: NDArray[np.bool_] | None = None) -> None:
        first, self._count = self._count, self._count + len(lengths)
        self._make_room()
        added = np.minimum(lengths, LONGEST).astype(np.uint16)
        there = np.ones(len(lengths), np.bool_) if alive is None else alive
        self._lengths[first : self._count] = added
        self._alive[first : self._count] = there
        self._living += int(there.sum())
        self._total += int(added.sum(where=there, dtype=np.int64))

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Forget rows that are there, each named once."""
        self.alive[rows] = False
        self._living -= len(rows)
        self._total -= int(self.lengths[rows].sum(dtype=np.int64))

    def norms(self, lengths: NDArray[Any], *, windows: float = 1) -> NDArray[np.float32]:
        """Return, for passages that have so many windows on average, the count at which a term has half its weight."""
        average = windows * self._total / self._living if self._total else 1.0
        norms: NDArray[np.float32] = lengths * np.float32(K1 * B / average) + np.float32(K1 * (1 - B))
        return norms

    def _make_room(self) -> None:
        """Grow by half, so that adding costs what is added."""
        if self._count > len(self._lengths):
            more = max(self._count - len(self._lengths), len(self._lengths) // 2)
            self._lengths = np.concatenate((self._lengths, np.zeros(more, np.uint16)))
            self._alive = np.concatenate((self._alive, np.zeros(more, np.bool_)))
