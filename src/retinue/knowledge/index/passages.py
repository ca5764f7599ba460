"""Chunks that may be the answer, as runs of rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.documents import Document, Documents

Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Passages:
    """Some chunks, by file and place. Chunks overlap, and so do their rows."""

    documents: Sequence[Document]
    """By their ids."""
    document: NDArray[np.int64]
    """Of each passage, as a place in `documents`."""
    firsts: Rows
    """The first row of each."""
    ends: Rows
    """The row behind the last one of each."""

    def __len__(self) -> int:
        return len(self.firsts)

    @cached_property
    def rows(self) -> Rows:
        """Every row of one of them, once and in order."""
        return np.unique(self._table(self.firsts))

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """For each, a line of the places that its rows have in `rows`; a short one repeats its last."""
        return self._table(np.searchsorted(self.rows, self.firsts))

    def windows_of(self, passage: int) -> tuple[str, range]:
        """Return the file of one of them, and its windows."""
        document = self.documents[self.document[passage]]
        start, stop = int(self.firsts[passage]), int(self.ends[passage])
        return document.id, range(start - document.first_row, stop - document.first_row)

    def window_at(self, passage: int, place: int) -> tuple[str, int]:
        """Return the file and the window of one of them that stands at a place in `rows`."""
        document = self.documents[self.document[passage]]
        return document.id, int(self.rows[place]) - document.first_row

    def spread(self, rows: Rows, scores: Scores) -> Scores:
        """Return the scores of all `rows`, given those of some; the others are 0."""
        spread = np.zeros(len(self.rows), np.float32)
        spread[np.searchsorted(self.rows, rows)] = scores
        return spread

    def _table(self, firsts: NDArray[np.int64]) -> NDArray[np.int64]:
        sizes = self.ends - self.firsts
        table: NDArray[np.int64] = firsts[:, None] + np.minimum(np.arange(sizes.max(initial=1)), sizes[:, None] - 1)
        return table


def passages_around(rows: Rows, documents: Documents) -> Passages:
    """Return every chunk that holds one of the rows."""
    holders = [documents.at(row) for row in rows.tolist()]
    found = sorted({holder.id: holder for holder in holders}.values(), key=lambda holder: holder.id)
    places = {holder.id: place for place, holder in enumerate(found)}
    chunks = {
        (places[holder.id], chunk)
        for holder, row in zip(holders, rows.tolist(), strict=True)
        for chunk in holder.grid.holding(row - holder.first_row, holder.windows)
    }
    document, chunk = np.array(sorted(chunks), np.int64).reshape(-1, 2).T
    first_row, windows, per_chunk, step = (
        np.array([_facts(each) for each in found], np.int64).reshape(-1, 4)[document].T
    )
    starts = chunk * step
    ends = np.minimum(starts + per_chunk, windows)
    return Passages(documents=found, document=document, firsts=first_row + starts, ends=first_row + ends)


def _facts(document: Document) -> tuple[int, int, int, int]:
    return document.first_row, document.windows, document.grid.per_chunk, document.grid.step
