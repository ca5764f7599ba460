"""The words of one vector store: which of its windows speak of what a query asks for, by BM25 over that store alone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words import files, passages
from retinue.knowledge.words.asked import Asked, look_up
from retinue.knowledge.words.bags import Bags
from retinue.knowledge.words.passages import Passages
from retinue.knowledge.words.rows import Rows
from retinue.knowledge.words.scoring import Found, Part, Top
from retinue.knowledge.words.segment import MOST_ROWS, Segment, merged, segment_of

WASTE = 0.25
"""Of a segment's rows may be removed ones before their space is given back."""


class Words:
    """An index of windows by number, in the order in which they came. Not for two threads at once."""

    def __init__(self) -> None:
        self.mark = 0
        """The caller's: how far what is stored is taken in. It is saved with the rest."""
        self._rows = Rows()
        self._segments: Sequence[Segment] = ()
        self._folder: Path | None = None

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Map what was saved; raises `UnreadableIndex` where that is missing, torn or foreign."""
        contents, words = files.read(folder), cls()
        words.mark, words._segments, words._folder = contents.mark, contents.segments, folder
        words._rows.add(contents.lengths, contents.alive)
        return words

    def save(self, folder: Path) -> None:
        """Write what changed since it was saved there, sync it, and let go of the memory that it took."""
        segments = [s if self._folder == folder else replace(s, file=0) for s in self._segments]
        contents = files.Contents(mark=self.mark, segments=segments, lengths=self._rows.lengths, alive=self._rows.alive)
        self._segments, self._folder = files.write(folder, contents).segments, folder

    def __len__(self) -> int:
        """Rows that were ever added, removed ones too."""
        return len(self._rows)

    @property
    def nbytes(self) -> int:
        """Memory taken, without the files that are mapped."""
        return self._rows.nbytes + sum(segment.nbytes for segment in self._segments)

    def add(self, bags: Bags) -> range:
        """Take in windows, and return the rows that they are now. It costs what they cost, whatever is there."""
        first, start = len(self), 0
        self._rows.add(bags.lengths)
        while start < len(bags):
            stop = min(start + MOST_ROWS - (first + start) % MOST_ROWS, len(bags))
            self._append(segment_of(bags.part(start, stop), first + start))
            start = stop
        return range(first, len(self))

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Forget windows; the numbers of the others stay."""
        dead = np.unique(rows)
        dead = dead[self._rows.alive[dead]]
        self._rows.remove(dead)
        self._segments = [self._with_dead(segment, dead) for segment in self._segments]

    def best(self, query: Mapping[int, int], *, allowed: NDArray[np.bool_] | None = None, limit: int) -> Found:
        """Return the rows that score highest and their scores, the best first, of those that hold a term of the query.

        `allowed` marks the rows that may be returned; the others still say how rare a term is.
        """
        asked, top = self._asked(query), Top(limit)
        for segment, places in zip(self._segments, asked.places, strict=True):
            part = Part(segment=segment, places=places, weights=asked.weights, rows=self._rows)
            top.offer(part.best(self._wanted(segment, allowed), top.floor))
        return top.found

    def scores_of_passages(
        self, query: Mapping[int, int], firsts: NDArray[np.int64], ends: NDArray[np.int64], *, windows: float
    ) -> NDArray[np.float32]:
        """Return the score of each run of rows, as if it were one row with all that they hold.

        `windows` is how many a passage of the store has on average. None of the rows may have been removed.
        """
        return passages.scores(self._asked(query), self._segments, self._rows, Passages(firsts, ends, windows))

    def ceiling(self, query: Mapping[int, int]) -> float:
        """Return what no score for the query reaches: that of a row of nothing but its words."""
        return float(self._asked(query).weights.sum())

    def _asked(self, query: Mapping[int, int]) -> Asked:
        return look_up(query, self._segments, self._rows)

    def _wanted(self, segment: Segment, allowed: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        place = slice(segment.first, segment.end)
        if allowed is None:
            return self._rows.alive[place] if segment.dead else None
        return self._rows.alive[place] & allowed[place] if segment.dead else allowed[place]

    def _append(self, segment: Segment) -> None:
        """Put it last, joined with those before it that are not far longer: so they stay few, and join a few times."""
        before = list(self._segments)
        while before and _belong_together(before[-1], segment):
            segment = merged(self._slim(before.pop()), segment)
        self._segments = (*before, segment)

    def _with_dead(self, segment: Segment, dead: NDArray[np.int64]) -> Segment:
        more = int(np.searchsorted(dead, segment.end) - np.searchsorted(dead, segment.first))
        if segment.dead + more > WASTE * segment.size:
            return self._slim(replace(segment, dead=segment.dead + more))
        return replace(segment, dead=segment.dead + more) if more else segment

    def _slim(self, segment: Segment) -> Segment:
        return segment.only(self._rows.alive[segment.first : segment.end]) if segment.dead else segment


def _belong_together(left: Segment, right: Segment) -> bool:
    """Segments meet in blocks of `MOST_ROWS`; a full block is one segment."""
    in_one_block = left.first // MOST_ROWS == right.first // MOST_ROWS
    return in_one_block and (2 * right.size >= left.size or right.end % MOST_ROWS == 0)
