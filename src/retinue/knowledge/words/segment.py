"""Postings of some consecutive rows: for each term, the rows that hold it and how often."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words.bags import Bags

MOST_ROWS = 65_536
"""A posting's row takes two bytes, and what is summed for a segment's rows stays in the processor's cache."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Segment:
    """It is never changed; a change makes another one. Its arrays may lie in a file."""

    first: int
    """The row that its postings call 0."""
    size: int
    """Rows that it covers, those without any term too."""
    terms: NDArray[np.uint32]
    """Different ones, in order."""
    starts: NDArray[np.uint32]
    """Where each term's postings begin; and one more, where the last ones end."""
    rows: NDArray[np.uint16]
    """Of each posting, counted from `first`; in order for each term."""
    counts: NDArray[np.uint8]
    dead: int = 0
    """Rows that were removed since, whose postings are still here."""
    file: int = 0
    """The number of the file that its arrays lie in; 0: in memory."""

    @property
    def end(self) -> int:
        return self.first + self.size

    @property
    def nbytes(self) -> int:
        """Memory that it takes of its own, not that of a file that is mapped."""
        if self.file:
            return 0
        return self.terms.nbytes + self.starts.nbytes + self.rows.nbytes + self.counts.nbytes

    def find(self, terms: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return where the postings of each of the terms begin, and where they end: two lines."""
        places = np.empty((2, len(terms)), np.int64)
        places[0] = self.starts[np.searchsorted(self.terms, terms)]
        places[1] = self.starts[np.searchsorted(self.terms, terms, side="right")]
        return places

    def counts_in(self, rows: NDArray[np.uint16], begin: int, end: int) -> NDArray[np.uint8]:
        """Return how often the term whose postings stand there occurs in each of these rows."""
        if begin == end:
            return np.zeros(len(rows), np.uint8)
        places = np.minimum(np.searchsorted(self.rows[begin:end], rows), end - begin - 1) + begin
        return np.where(self.rows[places] == rows, self.counts[places], np.uint8(0))

    def only(self, alive: NDArray[np.bool_]) -> "Segment":
        """Return it with the postings of those rows alone that are marked."""
        kept = alive[self.rows]
        return _segment(self.first, self.size, self._terms_of_postings()[kept], self.rows[kept], self.counts[kept])

    def _terms_of_postings(self) -> NDArray[np.uint32]:
        return np.repeat(self.terms, np.diff(self.starts))


def segment_of(bags: Bags, first: int) -> Segment:
    """Turn the bags of at most `MOST_ROWS` windows round, the first of which is this row."""
    order = np.argsort(bags.terms, kind="stable")  # so that rows stay in order
    rows = bags.rows.astype(np.uint16)
    return _segment(first, len(bags), bags.terms[order], rows[order], bags.counts[order])


def merged(left: Segment, right: Segment) -> Segment:
    """Join two segments without dead rows, the second of which follows the first."""
    terms = np.concatenate((left._terms_of_postings(), right._terms_of_postings()))
    order = np.argsort(terms, kind="stable")  # two runs, which it finds by itself
    rows = np.concatenate((left.rows, right.rows + np.uint16(left.size)))[order]
    counts = np.concatenate((left.counts, right.counts))[order]
    return _segment(left.first, left.size + right.size, terms[order], rows, counts)


def _segment(
    first: int, size: int, terms: NDArray[np.uint32], rows: NDArray[np.uint16], counts: NDArray[np.uint8]
) -> Segment:
    begins = np.flatnonzero(np.concatenate((np.ones(min(len(terms), 1), bool), terms[1:] != terms[:-1])))
    starts = np.append(begins, len(terms)).astype(np.uint32)
    return Segment(first=first, size=size, terms=terms[begins], starts=starts, rows=rows, counts=counts)
