"""Windows that may be the answer to queries, with what speaks for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.codes import Vectors
from retinue.knowledge.index.documents import Document
from retinue.knowledge.index.passages import Scored


class Query(Struct, frozen=True, kw_only=True):
    """What windows are to be about."""

    vector: NDArray[np.float32]
    """Of unit length."""
    terms: Mapping[int, int]
    """How often it holds each term."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What speaks for some windows as answers to one query."""

    similarities: Scores
    """Of their vectors to the query's."""
    words: Scores
    """By BM25."""
    ceiling: float
    """What no score by words reaches."""
    vectors: Vectors


Fuse = Callable[[Evidence], Scores]
"""Joins what speaks for windows into one score each, from 0 to 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """The windows that were found for queries."""

    queries: Sequence[Query]
    windows: Sequence[tuple[Document, int]]
    vectors: Vectors
    """A row for each window: about its vector, or the very one."""
    words: Sequence[Scores]
    """For each query, the windows' scores."""
    ceilings: Sequence[float]

    def best(self, fuse: Fuse, count: int) -> NDArray[np.int64]:
        """Return the places of the windows with the highest scores."""
        return np.argsort(-self._scores(fuse), kind="stable")[:count]

    def with_stored(self, places: NDArray[np.int64], stored: Sequence[bytes | None]) -> "Candidates":
        """Return them with the stored vectors of some; one that is no longer stored stays what it is."""
        vectors = self.vectors.copy()
        for place, vector in zip(places, stored, strict=True):
            if vector is not None and len(vector) == 2 * vectors.shape[1]:
                vectors[place] = np.frombuffer(vector, "<f2")
        return replace(self, vectors=vectors)

    def scored(self, fuse: Fuse, threshold: float) -> list[Scored]:
        """Return the windows whose score reaches the threshold."""
        return [
            Scored(document=document, window=window, score=score)
            for (document, window), score in zip(self.windows, self._scores(fuse).tolist(), strict=True)
            if score >= threshold
        ]

    def _scores(self, fuse: Fuse) -> Scores:
        """Return each window's score: that for the query which it answers best."""
        scores: Scores = np.max([fuse(evidence) for evidence in self._evidence()], axis=0)
        return scores

    def _evidence(self) -> Sequence[Evidence]:
        return [
            Evidence(similarities=self.vectors @ query.vector, words=words, ceiling=ceiling, vectors=self.vectors)
            for query, words, ceiling in zip(self.queries, self.words, self.ceilings, strict=True)
        ]
