"""Scores of vectors and words joined: always in 0 to 1, and never against what both of them say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retinue.knowledge import fusion

COSINES = st.one_of(st.floats(-1.25, 1.25, width=32), st.just(float("nan")))
WORDS = st.floats(0, 50, width=32)
PAIRS = st.lists(st.tuples(COSINES, WORDS), max_size=30)
WEIGHTS = st.floats(0, 100)


def arrays(pairs: Sequence[tuple[float, float]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.array([p[0] for p in pairs], np.float32), np.array([p[1] for p in pairs], np.float32)


def units(count: int, seed: int = 0, dims: int = 8) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(size=(count, dims)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def in_bounds(scores: NDArray[np.float32]) -> bool:
    return bool(np.all((scores >= 0) & (scores <= 1)))


@given(pairs=PAIRS, ceiling=st.floats(0, 60), embedding_weight=WEIGHTS, text_weight=WEIGHTS, seed=st.integers(0, 99))
@settings(deadline=None)
def test_every_score_lies_in_0_to_1(
    pairs: Sequence[tuple[float, float]], ceiling: float, embedding_weight: float, text_weight: float, seed: int
) -> None:
    cosines, words = arrays(pairs)
    both = fusion.by_both(cosines, words, ceiling=ceiling, vectors=units(len(pairs), seed))
    ranks = fusion.by_ranks(cosines, words, embedding_weight=embedding_weight, text_weight=text_weight)
    for scores in (both, ranks, fusion.by_vectors(cosines), fusion.by_words(words, ceiling)):
        assert len(scores) == len(pairs)
        assert in_bounds(scores)


@given(
    pairs=st.lists(st.tuples(st.floats(0, 1, width=32), WORDS), min_size=2, max_size=20),
    weights=st.tuples(WEIGHTS, WEIGHTS),
)
@settings(deadline=None)
def test_what_is_better_in_both_is_never_behind(
    pairs: Sequence[tuple[float, float]], weights: tuple[float, float]
) -> None:
    cosines, words = arrays(pairs)
    alike = np.repeat(units(1), len(pairs), axis=0)
    both = fusion.by_both(cosines, words, ceiling=50, vectors=alike)
    ranks = fusion.by_ranks(cosines, words, embedding_weight=weights[0], text_weight=weights[1])
    for one in range(len(pairs)):
        for other in range(len(pairs)):
            if cosines[one] >= cosines[other] and words[one] >= words[other]:
                assert both[one] >= both[other] - 1e-6
                assert ranks[one] >= ranks[other] - 1e-6


def test_a_perfect_candidate_scores_1_and_an_empty_one_0() -> None:
    cosines, words = np.array([1, 0], np.float32), np.array([9, 0], np.float32)
    scores = fusion.by_both(cosines[:1], words[:1], ceiling=9, vectors=units(1))
    assert scores == pytest.approx([1])
    assert fusion.by_both(cosines[1:], words[1:], ceiling=9, vectors=units(1)).tolist() == [0]


def test_what_is_like_the_leaders_gains_over_what_is_not() -> None:
    vectors = np.array([[1, 0], [0.9, 0.436], [0, 1]], np.float32)
    cosines, words = np.array([0.9, 0.3, 0.3], np.float32), np.array([8, 1, 1], np.float32)
    scores = fusion.by_both(cosines, words, ceiling=10, vectors=vectors[[0, 1, 2]])
    assert scores[0] > scores[1] > scores[2]


def test_overlapping_passages_lead_as_one() -> None:
    """The third is like the second place only if the first two, which share a window, count once."""
    shared, other = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]
    vectors = np.array([shared, shared, other, [0, 0.9, 0.436], [0, 0, 1]], np.float32)
    cosines = np.array([0.9, 0.8, 0.7, 0.2, 0.2], np.float32)
    scores = fusion.by_both(cosines, np.zeros(5, np.float32), ceiling=10, vectors=vectors)
    assert scores[3] > scores[4]


def test_a_query_that_nothing_fits_scores_low_throughout() -> None:
    cosines, words = np.full(20, 0.1, np.float32), np.full(20, 0.5, np.float32)
    assert fusion.by_both(cosines, words, ceiling=20, vectors=units(20)).max() < 0.1


def test_ranks_follow_their_weights() -> None:
    cosines, words = np.array([0.9, 0.1], np.float32), np.array([1, 7], np.float32)
    by_vectors = fusion.by_ranks(cosines, words, embedding_weight=1, text_weight=0)
    by_words = fusion.by_ranks(cosines, words, embedding_weight=0, text_weight=1)
    assert by_vectors[0] == 1 > by_vectors[1]
    assert by_words[1] == 1 > by_words[0]


def test_no_word_in_common_is_no_rank_among_the_words() -> None:
    scores = fusion.by_ranks(np.zeros(2, np.float32), np.zeros(2, np.float32), embedding_weight=1, text_weight=1)
    assert scores.tolist() == [0.5, 0.5]


def test_nothing_to_score_is_no_score() -> None:
    none = np.zeros(0, np.float32)
    assert len(fusion.by_both(none, none, ceiling=0, vectors=units(0))) == 0
    assert len(fusion.by_ranks(none, none, embedding_weight=1, text_weight=1)) == 0
