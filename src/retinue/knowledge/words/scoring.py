"""BM25 over one segment, and the best of many.

Terms come by weight, the rarest first. Once enough rows are known that score above a floor, a row that holds only the
remaining terms may be unable to get there: those terms are looked up for the rows that are still in question, and their
postings never walked (MaxScore; Turtle and Flood 1995). What is returned is exact.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words.rows import Rows
from retinue.knowledge.words.segment import Segment

Found = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows and their scores."""
NOTHING: Found = (np.zeros(0, np.int64), np.zeros(0, np.float32))
LOOKUP_COST = 16
"""What it costs to look a row up, in postings walked."""
_ROUNDED_UP = 1 + 1e-5


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What a query finds in one segment."""

    segment: Segment
    places: NDArray[np.int64]
    """Where each term's postings begin, and where they end."""
    weights: NDArray[np.float32]
    """Of each term, falling: more than it can add to a score."""
    rows: Rows

    def best(self, wanted: NDArray[np.bool_] | None, floor: float) -> Found:
        """Return the wanted rows that score above the floor; None is every row."""
        rest = np.append(np.cumsum(np.where(self._sizes, self.weights, 0)[::-1])[::-1], 0) * _ROUNDED_UP
        walked = int(np.argmax(rest <= floor))
        if not walked:
            return NOTHING
        if wanted is not None and np.count_nonzero(wanted) * LOOKUP_COST < self._sizes[:walked].sum():
            walked, rows = 0, np.flatnonzero(wanted)
            sums = np.zeros(len(rows), np.float32)
        else:
            rows, sums = self._walk(walked, wanted, max(floor - rest[walked], 0))
        for term in range(walked, len(self.weights)):
            able = sums + rest[term] > floor
            rows, sums = rows[able], sums[able]
            sums += self._look_up(term, rows)
        above = sums > floor
        return rows[above] + self.segment.first, sums[above]

    @cached_property
    def _sizes(self) -> NDArray[np.int64]:
        return np.asarray(self.places[1] - self.places[0])

    def _walk(self, terms: int, wanted: NDArray[np.bool_] | None, floor: float) -> Found:
        """Return the wanted rows that score above the floor for the first terms."""
        places = [slice(begin, end) for begin, end in self.places[:, :terms].T]
        rows = np.concatenate([self.segment.rows[place] for place in places]).astype(np.intp)
        counts = np.concatenate([self.segment.counts[place] for place in places])
        scores = np.repeat(self.weights[:terms], self._sizes[:terms]) * self._shares(counts, rows)
        sums = np.bincount(rows, scores, self.segment.size).astype(np.float32)
        enough = sums > floor
        chosen = np.flatnonzero(enough if wanted is None else enough & wanted)
        return chosen, sums[chosen]

    def _look_up(self, term: int, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        counts = self.segment.counts_in(rows.astype(np.uint16), *self.places[:, term])
        return np.asarray(self.weights[term] * self._shares(counts, rows))

    def _shares(self, counts: NDArray[np.uint8], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        lengths = self.rows.lengths[self.segment.first : self.segment.end]
        return saturated(counts, self.rows.norms(lengths[rows]))


def saturated(counts: NDArray[Any], norms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the share of a term's weight that its counts are worth: half where they equal the norm."""
    often = counts.astype(np.float32)
    shares: NDArray[np.float32] = often / (often + norms)
    return shares


class Top:
    """The best rows so far."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._rows, self._scores = NOTHING

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
