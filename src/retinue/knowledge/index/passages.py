"""Chunks that may be the answer, as runs of rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from retinue.knowledge.index.documents import Document, Documents

Rows = NDArray[np.int64]


class Passage(Struct, frozen=True, kw_only=True):
    """A chunk of a file."""

    document: Document
    windows: range

    @property
    def first_row(self) -> int:
        return self.document.first_row + self.windows.start


@dataclass(frozen=True, kw_only=True, eq=False)
class Passages:
    """Some chunks, by file and place, and the rows of their windows: overlapping ones share rows."""

    every: list[Passage]

    def __len__(self) -> int:
        return len(self.every)

    @cached_property
    def firsts(self) -> Rows:
        """The first row of each."""
        return np.fromiter((each.first_row for each in self.every), np.int64, len(self.every))

    @cached_property
    def sizes(self) -> Rows:
        return np.fromiter((len(each.windows) for each in self.every), np.int64, len(self.every))

    @cached_property
    def rows(self) -> Rows:
        """Every row of one of them, once and in order."""
        return np.unique(self._table(self.firsts))

    @cached_property
    def places(self) -> Rows:
        """For each, a line of the places that its rows have in `rows`; a short one repeats its last."""
        return self._table(np.searchsorted(self.rows, self.firsts))

    def window_at(self, number: int, place: int) -> tuple[str, int]:
        """Return the file and the window of one of them that stands at a place in `rows`."""
        document = self.every[number].document
        return document.file_id, int(self.rows[place]) - document.first_row

    def _table(self, firsts: Rows) -> Rows:
        steps = np.arange(self.sizes.max(initial=1))
        return firsts[:, None] + np.minimum(steps, self.sizes[:, None] - 1)


def passages_around(rows: Iterable[int], documents: Documents) -> Passages:
    """Return every chunk that holds one of the rows."""
    found: dict[tuple[str, int], Passage] = {}
    for row in rows:
        document = documents.at(row)
        for chunk in document.grid.holding(row - document.first_row, document.windows):
            if (document.file_id, chunk) not in found:
                windows = document.grid.windows_of(chunk, document.windows)
                found[document.file_id, chunk] = Passage(document=document, windows=windows)
    return Passages(every=[found[key] for key in sorted(found)])
