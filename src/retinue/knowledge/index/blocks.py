"""Codes by row, in blocks: growing copies none of the full ones, and one whose rows are all dead is given back."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.index import block
from retinue.knowledge.index.best import Best
from retinue.knowledge.index.block import Block, empty
from retinue.knowledge.index.codes import Codes, Vectors

PIECE_ROWS = 16_384
"""What is scanned at a time: its scores stay in the processor's cache."""
GATHERED = 1 / 8
"""Of a piece's rows, up to which it costs less to copy those that may be found than to look at all."""

Allowed = NDArray[np.bool_]
"""Marks the rows that may be found."""


class Blocks:
    """The codes of a store's windows. Rows are numbered in the order in which they came; a dead one's number stays."""

    def __init__(self, dimensions: int, blocks: Sequence[Block | None] = ()) -> None:
        self.dimensions = dimensions
        self._blocks = list(blocks)

    def __len__(self) -> int:
        """Rows that were ever added."""
        if not self._blocks:
            return 0
        last = self._blocks[-1]
        return (len(self._blocks) - 1) * block.BLOCK_ROWS + (last.used if last else block.BLOCK_ROWS)

    def __iter__(self) -> Iterator[Block | None]:
        """Yield the blocks in their order; None for one that was given back."""
        return iter(self._blocks)

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in self._blocks if each)

    def add(self, codes: Codes) -> None:
        """Add rows behind the others."""
        start = 0
        while start < len(codes):
            last = self._last_with_room()
            part = codes[start : start + block.BLOCK_ROWS - last.used]
            last.add(part)
            start += len(part)

    def kill(self, rows: range) -> None:
        """Let rows never be found again."""
        for number in range(rows.start // block.BLOCK_ROWS, -(-rows.stop // block.BLOCK_ROWS)):
            if hit := self._blocks[number]:
                first = number * block.BLOCK_ROWS
                hit.kill(max(rows.start - first, 0), min(rows.stop - first, block.BLOCK_ROWS))
                if hit.spent:
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
        numbers = rows // block.BLOCK_ROWS
        for number in np.unique(numbers):
            if hit := self._blocks[number]:
                places = np.flatnonzero(numbers == number)
                found[places] = hit.codes[rows[places] % block.BLOCK_ROWS].vectors
        return found

    def _last_with_room(self) -> Block:
        last = self._blocks[-1] if self._blocks else None
        if last is None or last.full:
            last = Block(empty(0, self.dimensions))
            self._blocks.append(last)
        return last

    def _pieces(self) -> Iterator[tuple[int, Codes]]:
        for number, each in enumerate(self._blocks):
            if each:
                codes = each.codes
                for start in range(0, len(codes), PIECE_ROWS):
                    yield number * block.BLOCK_ROWS + start, codes[start : start + PIECE_ROWS]
