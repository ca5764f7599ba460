"""A query's terms as one store sees them: how rare each is there, and where its postings stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retinue.knowledge.words.rows import K1, Rows
from retinue.knowledge.words.segment import Segment

MOST_TERMS = 64
"""Of a long query, its rarest ones are asked for, which decide anyway."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """Terms that the store knows, by falling weight."""

    weights: NDArray[np.float32]
    """The most that each may add to a score."""
    places: Sequence[NDArray[np.int64]]
    """For each segment, where each term's postings begin, and where they end."""


def look_up(query: Mapping[int, int], segments: Sequence[Segment], rows: Rows) -> Asked:
    """Look a query's terms up."""
    terms = np.fromiter(query, np.uint32, len(query))
    times = np.fromiter(query.values(), np.float32, len(query))
    places = [segment.find(terms) for segment in segments]
    holding = sum(
        (_holding(*pair, rows) for pair in zip(segments, places, strict=True)), np.zeros(len(terms), np.int64)
    )
    rarity = np.log1p((rows.living - holding + 0.5) / (holding + 0.5))
    weights = np.where(holding > 0, times * rarity * (K1 + 1), 0).astype(np.float32)
    chosen = np.argsort(-rarity, kind="stable")
    chosen = chosen[holding[chosen] > 0][:MOST_TERMS]
    chosen = chosen[np.argsort(-weights[chosen], kind="stable")]
    return Asked(weights=weights[chosen], places=[found[:, chosen] for found in places])


def _holding(segment: Segment, places: NDArray[np.int64], rows: Rows) -> NDArray[np.int64]:
    """Count the living rows that hold each term."""
    if not segment.dead:
        return np.asarray(places[1] - places[0])
    alive = rows.alive[segment.first : segment.end]
    return np.array([np.count_nonzero(alive[segment.rows[begin:end]]) for begin, end in places.T], np.int64)
