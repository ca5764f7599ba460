"""Codes by row, in blocks: growing copies none of the full ones, and one whose rows are all dead is given back."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.index.best import Best
from retinue.knowledge.index.codes import Codes, Vectors

BLOCK_ROWS = 65_536
PIECE_ROWS = 16_384
"""What is scanned at a time: its scores stay in the processor's cache."""
GATHERED = 1 / 8
"""Of a piece's rows, up to which it costs less to copy those that may be found than to look at all."""

Allowed = NDArray[np.bool_]
"""Marks the rows that may be found."""


class Blocks:
    """The codes of a store's windows. Rows are numbered in the order in which they came; a dead one's number stays."""

    def __init__(self, dimensions: int) -> None:
        self.dimensions = dimensions
        self._blocks: list[_Block | None] = []
        self._rows = 0

    def __len__(self) -> int:
        """Rows that were ever added."""
        return self._rows

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks if block)

    def add(self, codes: Codes) -> None:
        """Add rows behind the others."""
        start = 0
        while start < len(codes):
            if self._rows % BLOCK_ROWS == 0:
                self._blocks.append(_Block(self.dimensions))
            block = self._blocks[-1]
            assert block is not None, "a block is given back when it is full"
            part = codes[start : start + BLOCK_ROWS - block.used]
            block.add(part)
            self._rows += len(part)
            start += len(part)

    def kill(self, rows: range) -> None:
        """Let rows never be found again."""
        for number in range(rows.start // BLOCK_ROWS, -(-rows.stop // BLOCK_ROWS)):
            if block := self._blocks[number]:
                first = number * BLOCK_ROWS
                block.kill(max(rows.start - first, 0), min(rows.stop - first, BLOCK_ROWS))
                if block.spent:
                    self._blocks[number] = None

    def nearest(self, query: Codes, count: int, allowed: Allowed | None = None) -> NDArray[np.int64]:
        """Return the rows whose vectors are most like the query's, the best first."""
        best = Best(count)
        for first, piece in self._pieces():
            if allowed is None:
                best.offer(first, piece.like(query))
                continue
            wanted = np.flatnonzero(allowed[first : first + len(piece)])
            if len(wanted) <= GATHERED * len(piece):
                best.offer(first + wanted, piece[wanted].like(query))
            else:
                best.offer(first + wanted, piece.like(query)[wanted])
        return best.rows()

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return about what the vectors of some rows were; NaN for dead ones."""
        found = np.full((len(rows), self.dimensions), np.nan, np.float32)
        numbers = rows // BLOCK_ROWS
        for number in np.unique(numbers):
            if block := self._blocks[number]:
                places = np.flatnonzero(numbers == number)
                found[places] = block.codes[rows[places] % BLOCK_ROWS].vectors
        return found

    def _pieces(self) -> Iterator[tuple[int, Codes]]:
        for number, block in enumerate(self._blocks):
            if block:
                for start in range(0, block.used, PIECE_ROWS):
                    yield number * BLOCK_ROWS + start, block.codes[start : min(start + PIECE_ROWS, block.used)]


class _Block:
    """Some rows, with room for more; room grows by half, for most stores are small."""

    def __init__(self, dimensions: int) -> None:
        self.used = 0
        self._alive = 0
        self.codes = _empty(0, dimensions)

    @property
    def nbytes(self) -> int:
        return self.codes.values.nbytes + self.codes.scales.nbytes

    @property
    def spent(self) -> bool:
        return self.used == BLOCK_ROWS and not self._alive

    def add(self, codes: Codes) -> None:
        end = self.used + len(codes)
        if end > len(self.codes):
            self._grow(min(max(end, len(self.codes) * 3 // 2), BLOCK_ROWS))
        self.codes.values[self.used : end] = codes.values
        self.codes.scales[self.used : end] = codes.scales
        self.used = end
        self._alive += len(codes)

    def kill(self, start: int, stop: int) -> None:
        self._alive -= int(np.count_nonzero(~np.isnan(self.codes.scales[start:stop])))
        self.codes.scales[start:stop] = np.nan

    def _grow(self, rows: int) -> None:
        larger = _empty(rows, self.codes.values.shape[1])
        larger.values[: self.used] = self.codes.values[: self.used]
        larger.scales[: self.used] = self.codes.scales[: self.used]
        self.codes = larger


def _empty(rows: int, dimensions: int) -> Codes:
    return Codes(values=np.empty((rows, dimensions), np.int8), scales=np.empty(rows, np.float32))
