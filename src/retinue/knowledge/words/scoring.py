"""BM25 over one segment, and the best of many.

Terms come by weight, the rarest first. Once enough rows are known that score above a floor, a row that holds only the
remaining terms may be unable to get there: those terms are looked up for the rows that are still in question, and their
postings never walked (MaxScore; Turtle and Flood 1995). What is returned is exact.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words.segment import Segment

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows and their scores."""
LOOKUP_COST = 16
"""What it costs to look a row up, in postings walked."""
_ROUNDING = np.float32(1 - 1e-5)


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What a query finds in one segment."""

    segment: Segment
    places: NDArray[np.int64]
    """Where each term's postings begin and end."""
    weights: NDArray[np.float32]
    """Of each term, falling: the most that it adds to a score."""
    norms: NDArray[np.float32]

    def best(self, wanted: NDArray[np.bool_], floor: float) -> Found:
        """Return the wanted rows that score above the floor."""
        rest = np.append(np.cumsum(self.weights[::-1])[::-1], np.float32(0))
        walked = int(np.argmax(rest * _ROUNDING <= floor))
        if not walked:
            return _NOTHING
        sums = np.zeros(self.segment.size, np.float32)
        candidates = np.flatnonzero(wanted)
        if len(candidates) * LOOKUP_COST < self._postings(walked):
            walked = 0
        else:
            for term in range(walked):
                self._walk(term, sums)
            least = max(floor * float(_ROUNDING) - float(rest[walked]), 0)
            candidates = np.flatnonzero((sums > least) & wanted)
        for term in range(walked, len(self.weights)):
            candidates = candidates[sums[candidates] + rest[term] >= floor * _ROUNDING]
            self._look_up(term, candidates, sums)
        candidates = candidates[sums[candidates] > floor]
        return candidates + self.segment.first, sums[candidates]

    def _walk(self, term: int, sums: NDArray[np.float32]) -> None:
        begin, end = self.places[term]
        rows = self.segment.rows[begin:end]
        sums[rows] += self.weights[term] * saturated(self.segment.counts[begin:end], self.norms[rows])

    def _look_up(self, term: int, rows: NDArray[np.int64], sums: NDArray[np.float32]) -> None:
        counts = self.segment.counts_in(rows.astype(np.uint16), *self.places[term])
        sums[rows] += self.weights[term] * saturated(counts, self.norms[rows])

    def _postings(self, terms: int) -> int:
        return int((self.places[:terms, 1] - self.places[:terms, 0]).sum())


def part_of(
    segment: Segment, places: NDArray[np.int64], weights: NDArray[np.float32], norms: NDArray[np.float32]
) -> Part:
    """Leave out the terms that the segment lacks."""
    there = places[:, 0] < places[:, 1]
    return Part(segment=segment, places=places[there], weights=weights[there], norms=norms)


def saturated(counts: NDArray[Any], norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the share of a term's weight that its counts are worth: half where they equal the norm."""
    often = counts.astype(np.float32)
    shares: NDArray[np.float32] = often / (often + norms)
    return shares


class Top:
    """The best rows so far."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows, self._scores = _NOTHING

    @property
    def floor(self) -> float:
        """What a row has to exceed to get in."""
        return float(self._scores[-1]) if len(self._scores) == self._limit else 0.0

    def offer(self, found: Found) -> None:
        """Take in rows, each behind those before it."""
        rows = np.concatenate((self._rows, found[0]))
        scores = np.concatenate((self._scores, found[1]))
        if len(scores) > self._limit:
            in_question = scores >= np.partition(scores, -self._limit)[-self._limit]
            rows, scores = rows[in_question], scores[in_question]
        order = np.argsort(-scores, kind="stable")[: self._limit]
        self._rows, self._scores = rows[order], scores[order]

    @property
    def found(self) -> Found:
        return self._rows, self._scores


_NOTHING: Found = (np.zeros(0, np.int64), np.zeros(0, np.float32))
