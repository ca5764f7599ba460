"""Which rows of an index are which file's windows."""

from bisect import bisect_right
from collections.abc import Collection, Iterator

import numpy as np
from msgspec import Struct

from retinue.core.chunking import Grid
from retinue.knowledge.index.blocks import Allowed


class Document(Struct, frozen=True, kw_only=True):
    """A file in an index: its windows, one at least, are consecutive rows."""

    file_id: str
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
        self.windows = 0
        """Of all files together."""

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._in_order)

    def __contains__(self, file_id: str) -> bool:
        return file_id in self._by_id

    @property
    def nbytes(self) -> int:
        return 600 * len(self._by_id)  # as measured with ids of 30 characters

    def add(self, document: Document) -> None:
        """Take in a file, whose rows come behind all others."""
        self._by_id[document.file_id] = document
        self._in_order.append(document)
        self.windows += document.windows

    def remove(self, file_id: str) -> Document | None:
        """Forget a file and return what it was; None if it was not there."""
        document = self._by_id.pop(file_id, None)
        if document:
            del self._in_order[self._place(document.first_row)]
            self.windows -= document.windows
        return document

    def at(self, row: int) -> Document:
        """Return the file that a row belongs to, which has to be alive."""
        return self._in_order[self._place(row)]

    def rows_of(self, file_ids: Collection[str], rows: int) -> Allowed:
        """Mark the rows of some files, among so many rows."""
        marked = np.zeros(rows, np.bool_)
        for file_id in file_ids:
            if document := self._by_id.get(file_id):
                marked[document.first_row : document.first_row + document.windows] = True
        return marked

    def _place(self, row: int) -> int:
        return bisect_right(self._in_order, row, key=lambda document: document.first_row) - 1
