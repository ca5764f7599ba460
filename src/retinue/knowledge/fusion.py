"""One score from two: how near a passage's vector is to the query's, and what its words say.

Every score lies in 0 to 1 and means the same for every query, so that a threshold can be set: nothing is stretched to
the best and the worst of a query's candidates. Measured on Cranfield (nDCG@10, `python -m bench --only cranfield`).
"""

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
"""One for each candidate."""

VECTORS_SHARE = 0.4
"""Of the first score; the rest is the words'. Cosines spread wider than shares of a ceiling, so this is about even."""
LEADERS = 2
"""Candidates that the others are compared with."""
LIKENESS_SHARE = 0.5
"""Of the final score: being like the leaders, as far as those are believed."""
RANK_OFFSET = 60
"""What reciprocal rank fusion adds to ranks (Cormack, Clarke and Buettcher 2009)."""


def by_vectors(similarities: Scores) -> Scores:
    """Score by cosines alone; below 0 nothing is told apart."""
    return _shares(similarities)


def by_words(words: Scores, ceiling: float) -> Scores:
    """Score by BM25 alone, as the share of what the query's words could reach."""
    if ceiling <= 0:
        return np.zeros(len(words), np.float32)
    return _shares(np.minimum(words, ceiling, dtype=np.float64) / ceiling)


def by_both(similarities: Scores, words: Scores, *, ceiling: float, vectors: NDArray[np.float32]) -> Scores:
    """Score by cosines and words, then by how like each candidate is to the best two of them.

    `vectors` holds one of unit length for each candidate, that of its best window. Passages near the best ones are
    often right where they share few words with the query (Rocchio 1971); a query that nothing fits believes in no
    leader, and gains little.
    """
    vectors_share = np.float32(VECTORS_SHARE)
    first = vectors_share * by_vectors(similarities) + (1 - vectors_share) * by_words(words, ceiling)
    if not first.any():
        return first
    leaders = _leaders(first, vectors)
    belief = first[leaders]
    center = belief @ vectors[leaders]
    likeness = _shares(vectors @ (center / max(float(np.linalg.norm(center)), 1e-9)))
    share = np.float32(LIKENESS_SHARE)
    joined: Scores = (1 - share) * first + share * belief.mean(dtype=np.float32) * likeness
    return joined


def by_ranks(similarities: Scores, words: Scores, *, embedding_weight: float, text_weight: float) -> Scores:
    """Score by weighted reciprocal ranks, 1 for what is first in both; no word in common is no rank among the words."""
    total = embedding_weight + text_weight
    if total <= 0:
        return np.zeros(len(similarities), np.float32)
    by_words = np.where(words > 0, _reciprocal_ranks(words), np.float32(0))
    share = np.float32(text_weight / total)
    return np.asarray((1 - share) * _reciprocal_ranks(similarities) + share * by_words, np.float32)


def _leaders(scores: Scores, vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the best candidates; of passages that overlap and share a vector, one."""
    order = np.argsort(-scores, kind="stable")[: 8 * LEADERS]
    _, places = np.unique(vectors[order], axis=0, return_index=True)
    return np.asarray(order[np.sort(places)[:LEADERS]])


def _reciprocal_ranks(scores: Scores) -> Scores:
    """Give equal scores equal ranks: 1 for the best, falling slowly."""
    ranks = np.searchsorted(np.sort(-scores), -scores)
    return ((RANK_OFFSET + 1) / (RANK_OFFSET + 1 + ranks)).astype(np.float32)


def _shares(scores: NDArray[np.floating]) -> Scores:
    return np.clip(np.nan_to_num(scores.astype(np.float32), nan=0), 0, 1)
