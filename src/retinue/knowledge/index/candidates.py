"""Windows that may be the answer to queries, with what speaks for each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from retinue.knowledge.index.documents import Document
from retinue.knowledge.index.passages import Scored

Scores = NDArray[np.float32]
"""One for each window."""
Fuse = Callable[[Scores, Scores], Scores]
"""Joins how like a query's vector windows are, and how much they speak of its words, into scores from 0 to 1."""


class Query(Struct, frozen=True, kw_only=True):
    """What windows are to be about."""

    vector: NDArray[np.float32]
    """Of unit length."""
    terms: dict[int, int]
    """How often it holds each term."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """A row for each query and a column for each window."""

    queries: Sequence[Query]
    windows: Sequence[tuple[Document, int]]
    similarities: NDArray[np.float32]
    words: NDArray[np.float32]

    def scores(self, fuse: Fuse) -> Scores:
        """Return each window's score: that for the query which it answers best."""
        fused = [fuse(*sides) for sides in zip(self.similarities, self.words, strict=True)]
        scores: Scores = np.max(fused, axis=0)
        return scores

    def best(self, fuse: Fuse, count: int) -> NDArray[np.int64]:
        """Return the places of the windows with the highest scores."""
        return np.argsort(-self.scores(fuse), kind="stable")[:count]

    def rescored(self, places: NDArray[np.int64], vectors: Sequence[bytes | None]) -> "Candidates":
        """Return them with the similarities of some computed from the stored vectors, not from codes.

        One that is no longer stored keeps the similarity that it has.
        """
        length = 2 * len(self.queries[0].vector)
        there = [place for place, vector in enumerate(vectors) if vector is not None and len(vector) == length]
        if not there:
            return self
        stored = np.frombuffer(b"".join(vectors[place] or b"" for place in there), "<f2").reshape(len(there), -1)
        similarities = self.similarities.copy()
        asked = np.stack([query.vector for query in self.queries])
        similarities[:, places[there]] = asked @ stored.astype(np.float32).T
        return replace(self, similarities=similarities)

    def scored(self, fuse: Fuse, threshold: float) -> list[Scored]:
        """Return the windows that score as much as the threshold."""
        scores = self.scores(fuse).tolist()
        return [
            Scored(document=document, window=window, score=score)
            for (document, window), score in zip(self.windows, scores, strict=True)
            if score >= threshold
        ]
