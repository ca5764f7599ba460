"""Passages that may be the answer to queries, with what speaks for each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.codes import Vectors, products
from retinue.knowledge.index.passages import Passages


class Query(Struct, frozen=True, kw_only=True):
    """What passages are to be about."""

    vector: NDArray[np.float32]
    """Of unit length."""
    terms: Mapping[int, int]
    """How often it holds each term."""


class Found(Struct, frozen=True, kw_only=True):
    """A chunk of a file that was found: a run of windows."""

    document: str
    first_window: int
    last_window: int
    best_window: int
    """The one that most speaks for it: by its vector and its words."""
    score: float
    """From 0 to 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What speaks for passages as answers to one query."""

    similarities: Scores
    """Of the query's vector to that of their most similar windows."""
    vectors: Vectors
    """Of their best windows."""
    words: Scores
    """By BM25."""
    ceiling: float
    """What no score by words reaches."""


Fuse = Callable[[Evidence], Scores]
"""Joins what speaks for passages into one score each, from 0 to 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidates:
    """The passages that were found for queries."""

    queries: Sequence[Query]
    passages: Passages
    vectors: Vectors
    """For each of the passages' rows about its vector, or the very one."""
    words: Sequence[Scores]
    """For each query, the passages' scores."""
    window_words: Sequence[Scores]
    """For each query, the scores of the passages' rows; 0 for one that is not among the best."""
    ceilings: Sequence[float]

    def likely(self, fuse: Fuse, count: int) -> dict[int, tuple[str, int]]:
        """Return the most similar windows of the best passages, by their rows' places: file and number."""
        scores, asked = self._scores(fuse)
        best = np.argsort(-scores, kind="stable")[:count].tolist()
        places = self._places_of_most(self._similarities, asked).tolist()
        return {places[number]: self.passages.window_at(number, places[number]) for number in best}

    def with_stored(self, places: Iterable[int], stored: Sequence[bytes | None]) -> "Candidates":
        """Return them with the stored vectors of some rows; one that is no longer stored stays what it is."""
        vectors = self.vectors.copy()
        for place, vector in zip(places, stored, strict=True):
            if vector is not None and len(vector) == 2 * vectors.shape[1]:
                vectors[place] = np.frombuffer(vector, "<f2")
        return replace(self, vectors=vectors)

    def found(self, fuse: Fuse, threshold: float) -> Iterator[Found]:
        """Yield the passages whose score reaches the threshold, the best first.

        Chunks overlap: one whose best window a better one has shown is left out.
        """
        scores, asked = self._scores(fuse)
        places = self._places_of_most(self._closeness, asked)
        shown = set[tuple[str, int]]()
        for number in np.argsort(-scores, kind="stable").tolist():
            if scores[number] < threshold:
                return
            document, window = self.passages.window_at(number, places[number])
            if (document, window) not in shown:
                _, windows = self.passages.windows_of(number)
                shown.update((document, each) for each in windows)
                yield Found(
                    document=document,
                    first_window=windows[0],
                    last_window=windows[-1],
                    best_window=window,
                    score=float(scores[number]),
                )

    @cached_property
    def _similarities(self) -> NDArray[np.float32]:
        """Of each query to each row."""
        return products(np.stack([query.vector for query in self.queries]), self.vectors)

    @cached_property
    def _closeness(self) -> NDArray[np.float32]:
        """How much speaks for each row, for each query."""
        ceilings = np.array(self.ceilings, np.float32)[:, None]
        words = np.stack(self.window_words)
        return self._similarities + np.divide(words, ceilings, out=np.zeros_like(words), where=ceilings > 0)

    def _scores(self, fuse: Fuse) -> tuple[Scores, NDArray[np.int64]]:
        """Return each passage's score for the query that it answers best, and which that is."""
        scores = np.stack([fuse(self._evidence(number)) for number in range(len(self.queries))])
        return scores.max(axis=0), scores.argmax(axis=0)

    def _evidence(self, query: int) -> Evidence:
        places = self._places_of_most(self._closeness, np.full(len(self.passages), query))
        return Evidence(
            similarities=self._similarities[query][self.passages.places].max(axis=1),
            vectors=self.vectors[places],
            words=self.words[query],
            ceiling=self.ceilings[query],
        )

    def _places_of_most(self, values: NDArray[np.float32], asked: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the place of each passage's row with the highest value for the query that is asked of it."""
        places = self.passages.places
        most = values[asked[:, None], places].argmax(axis=1, keepdims=True)
        return np.take_along_axis(places, most, axis=1)[:, 0]
