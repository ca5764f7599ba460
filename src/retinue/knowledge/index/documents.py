"""Which rows of an index are which file's windows."""

from bisect import bisect_right
from collections.abc import Collection, Iterator

import numpy as np
from msgspec import Struct

from retinue.core.chunking import Grid
from retinue.knowledge.index.blocks import Allowed

DOCUMENT_BYTES = 700
"""About what one takes, its id of 30 characters included."""


class Document(Struct, frozen=True, kw_only=True):
    """A file in an index: its windows, one at least, are consecutive rows."""

    id: str
    grid: Grid
    first_row: int
    windows: int

    @property
    def rows(self) -> range:
        return range(self.first_row, self.first_row + self.windows)


class Documents:
    """The files of an index, by id and by row."""

    def __init__(self) -> None:
        self._by_id: dict[str, Document] = {}
        self._in_order: list[Document] = []
        self._first_rows: list[int] = []
        self.windows = 0
        """Of all files together."""
        self._chunks = 0
        self._chunked_windows = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Document]:
        """Yield them in the order of their rows."""
        return iter(self._in_order)

    @property
    def nbytes(self) -> int:
        return DOCUMENT_BYTES * len(self._by_id)

    @property
    def windows_per_chunk(self) -> float:
        """The average."""
        return self._chunked_windows / self._chunks if self._chunks else 1.0

    def add(self, document: Document) -> None:
        """Take in a file, whose rows come behind all others."""
        self._by_id[document.id] = document
        self._in_order.append(document)
        self._first_rows.append(document.first_row)
        self._count(document, 1)

    def remove(self, id_: str) -> Document | None:
        """Forget a file and return what it was; None if it was not there."""
        document = self._by_id.pop(id_, None)
        if document:
            place = self._place(document.first_row)
            del self._in_order[place], self._first_rows[place]
            self._count(document, -1)
        return document

    def at(self, row: int) -> Document:
        """Return the file that a row belongs to, which has to be alive."""
        return self._in_order[self._place(row)]

    def rows_of(self, ids: Collection[str], rows: int) -> Allowed:
        """Mark the rows of some files, among so many rows."""
        marked = np.zeros(rows, np.bool_)
        for id_ in ids:
            if document := self._by_id.get(id_):
                marked[document.first_row : document.first_row + document.windows] = True
        return marked

    def _place(self, row: int) -> int:
        return bisect_right(self._first_rows, row) - 1

    def _count(self, document: Document, times: int) -> None:
        self.windows += times * document.windows
        self._chunks += times * document.grid.chunks(document.windows)
        self._chunked_windows += times * document.grid.chunked(document.windows)
