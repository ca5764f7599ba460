"""What an index holds: files, their windows' codes and words, row by row the same windows in each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from retinue.core.chunking import Grid
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.blocks import Allowed, Blocks
from retinue.knowledge.index.candidates import Candidates, Query
from retinue.knowledge.index.codes import codes_of
from retinue.knowledge.index.documents import Document, Documents
from retinue.knowledge.index.passages import Passages, Rows, passages_around
from retinue.knowledge.index.windows import Windows
from retinue.knowledge.words import Words

FIXED_BYTES = 4_000
"""What an empty index takes."""
FEW_ROWS = 4_096
"""Dead ones that do no harm."""


@dataclass(kw_only=True, eq=False)
class Contents:
    """Many threads may look for candidates at once; one alone may put and drop."""

    documents: Documents
    blocks: Blocks
    words: Words
    sound: bool = True
    """Whether all of it is of the same windows; a change that failed may leave it otherwise."""

    @property
    def nbytes(self) -> int:
        return FIXED_BYTES + self.documents.nbytes + self.blocks.nbytes + self.words.nbytes

    @property
    def wasteful(self) -> bool:
        """Whether more rows are dead than alive."""
        dead = len(self.blocks) - self.documents.windows
        return dead > max(self.documents.windows, FEW_ROWS)

    def put(self, document: str, grid: Grid, windows: Windows) -> None:
        """Take in a file whole, in place of what there was of it."""
        self.drop([document])
        self.sound = False
        first = len(self.blocks)
        for codes in windows.codes:
            self.blocks.add(codes)
        for bags in windows.bags:
            self.words.add(bags)
        if len(windows):
            self.documents.add(Document(id=document, grid=grid, first_row=first, windows=len(windows)))
        self.sound = True

    def drop(self, documents: Collection[str]) -> None:
        """Forget those of some files that are there."""
        self.sound = False
        dropped = [found for document in documents if (found := self.documents.remove(document))]
        for document in dropped:
            self.blocks.kill(document.rows)
        if dropped:
            self.words.remove(np.concatenate([np.array(document.rows) for document in dropped]))
        self.sound = True

    def nearest(self, queries: Sequence[Query], count: int, files: Collection[str] | None) -> list[Rows]:
        """Return, for each query, the windows that are most like it, in some files; None: in all."""
        allowed = self._allowed(files)
        return [self.blocks.nearest(codes_of(query.vector[None]), count, allowed) for query in queries]

    def wordiest(
        self, queries: Sequence[Query], count: int, files: Collection[str] | None
    ) -> list[tuple[Rows, Scores]]:
        """Return, for each query, the windows that speak of it most, and their scores."""
        allowed = self._allowed(files)
        return [self.words.best(query.terms, allowed=allowed, limit=count) for query in queries]

    def candidates(
        self, queries: Sequence[Query], nearest: Sequence[Rows], wordiest: Sequence[tuple[Rows, Scores]]
    ) -> Candidates:
        """Return the passages around these windows, and what speaks for each."""
        rows = np.unique(np.concatenate([*nearest, *(rows for rows, _ in wordiest)]))
        passages = passages_around(rows, self.documents)
        return Candidates(
            queries=queries,
            passages=passages,
            vectors=self.blocks.vectors(passages.rows),
            words=[self._words_of(query, passages) for query in queries],
            window_words=[passages.spread(*found) for found in wordiest],
            ceilings=[self.words.ceiling(query.terms) for query in queries],
        )

    def _allowed(self, files: Collection[str] | None) -> Allowed | None:
        return None if files is None else self.documents.rows_of(files, len(self.blocks))

    def _words_of(self, query: Query, passages: Passages) -> Scores:
        average = self.documents.windows_per_chunk
        return self.words.scores_of_passages(query.terms, passages.firsts, passages.ends, windows=average)


def nothing(dimensions: int) -> Contents:
    """Return what an index without files holds."""
    return Contents(documents=Documents(), blocks=Blocks(dimensions), words=Words())
