"""The terms of several windows, as arrays, and as the bytes that are stored of them."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words.terms import run_of

MOST_COUNT = 255
"""A term that occurs more often in a window counts as often: BM25 has long been saturated."""
_HEAD = struct.Struct("<BII")  # version, windows, pairs
_VERSION = 1
_TERM_BITS = np.uint64(32)


class TornBags(ValueError):
    """These bytes are no packed bags."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bags:
    """What windows hold, one after another: pairs of a term and how often it occurs there."""

    sizes: NDArray[np.uint32]
    """Pairs of each window."""
    terms: NDArray[np.uint32]
    counts: NDArray[np.uint8]

    @property
    def rows(self) -> NDArray[np.uint32]:
        """The window of each pair, from 0."""
        return np.repeat(np.arange(len(self.sizes), dtype=np.uint32), self.sizes)

    @property
    def lengths(self) -> NDArray[np.uint32]:
        """The terms of each window, repeated ones as often as they occur."""
        sums = np.concatenate(([0], np.cumsum(self.counts, dtype=np.uint32)))
        ends = np.cumsum(self.sizes)
        return np.asarray(sums[ends] - sums[ends - self.sizes], np.uint32)

    def __len__(self) -> int:
        return len(self.sizes)

    def part(self, start: int, stop: int) -> "Bags":
        """Return those of some windows."""
        first, last = int(self.sizes[:start].sum()), int(self.sizes[:stop].sum())
        return Bags(sizes=self.sizes[start:stop], terms=self.terms[first:last], counts=self.counts[first:last])


def bags_of(windows: Sequence[Mapping[int, int]]) -> Bags:
    """Make arrays of what `terms_of` said of each window."""
    terms = chain.from_iterable(windows)
    counts = chain.from_iterable(window.values() for window in windows)
    return Bags(
        sizes=np.fromiter(map(len, windows), np.uint32, len(windows)),
        terms=np.fromiter(terms, np.uint32),
        counts=np.minimum(np.fromiter(counts, np.uint64), MOST_COUNT).astype(np.uint8),
    )


def bags_of_texts(texts: Sequence[str]) -> Bags:
    """Make arrays of the words of windows: as `bags_of` of their terms, but that those come sorted, and sooner."""
    runs = [run_of(text) for text in texts]
    lengths = np.fromiter(map(len, runs), np.int64, len(runs))
    terms = np.fromiter(chain.from_iterable(runs), np.uint64, int(lengths.sum()))
    rows = np.repeat(np.arange(len(runs), dtype=np.uint64), lengths)
    pairs, counts = np.unique(rows << _TERM_BITS | terms, return_counts=True)
    return Bags(
        sizes=np.bincount((pairs >> _TERM_BITS).astype(np.int64), minlength=len(runs)).astype(np.uint32),
        terms=pairs.astype(np.uint32),  # its lower half
        counts=np.minimum(counts, MOST_COUNT).astype(np.uint8),
    )


def pack_texts(texts: Sequence[str]) -> bytes:
    """Return the words of windows as `pack` does."""
    return _packed(bags_of_texts(texts))


def pack(windows: Sequence[Mapping[int, int]]) -> bytes:
    """Return five bytes for each term of each window, and four for each window."""
    return _packed(bags_of(windows))


def _packed(bags: Bags) -> bytes:
    head = _HEAD.pack(_VERSION, len(bags), len(bags.terms))
    return b"".join(
        (head, bags.sizes.astype("<u4").tobytes(), bags.terms.astype("<u4").tobytes(), bags.counts.tobytes())
    )


def unpack(packed: bytes) -> Bags:
    """Read what `pack` made; raises `TornBags`."""
    if len(packed) < _HEAD.size:
        raise TornBags("these bytes are too short for packed bags")
    version, windows, pairs = _HEAD.unpack_from(packed)
    if version != _VERSION or len(packed) != _HEAD.size + 4 * windows + 5 * pairs:
        raise TornBags("these bytes are no packed bags of this version, or not all of them")
    sizes = np.frombuffer(packed, "<u4", windows, _HEAD.size)
    if int(sizes.sum(dtype=np.uint64)) != pairs:
        raise TornBags("packed bags with sizes that don't fit their terms")
    terms = np.frombuffer(packed, "<u4", pairs, _HEAD.size + 4 * windows)
    return Bags(sizes=sizes, terms=terms, counts=np.frombuffer(packed, np.uint8, pairs, len(packed) - pairs))
