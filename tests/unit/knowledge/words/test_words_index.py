"""`Words` against BM25 as it is written in books, over random stores that are added to and removed from."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retinue.knowledge.words import Words, bags_of
from retinue.knowledge.words import index as index_module
from retinue.knowledge.words import segment as segment_module
from retinue.knowledge.words.asked import MOST_TERMS
from retinue.knowledge.words.rows import K1, B

Bag = Mapping[int, int]
TERMS = 12
BAGS = st.dictionaries(st.integers(0, TERMS - 1), st.integers(1, 300), max_size=6)
STEPS = st.lists(
    st.one_of(st.lists(BAGS, min_size=1, max_size=9), st.sets(st.integers(0, 40), max_size=5)), min_size=1, max_size=12
)
QUERIES = st.dictionaries(st.integers(0, TERMS), st.integers(1, 3), max_size=8)


@pytest.fixture(autouse=True)
def _blocks_of_sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_module, "MOST_ROWS", 16)
    monkeypatch.setattr(index_module, "MOST_ROWS", 16)


def bm25(bags: Sequence[Bag | None], query: Bag) -> list[float]:
    """Score each row of a store, the plain way; None is a removed one."""
    rows = [{term: min(count, 255) for term, count in bag.items()} for bag in bags if bag is not None]
    average = sum(sum(row.values()) for row in rows) / (len(rows) or 1) or 1
    holding = {term: sum(term in row for row in rows) for term in query}
    rarity = {term: math.log1p((len(rows) - n + 0.5) / (n + 0.5)) for term, n in holding.items()}

    def score(bag: Bag) -> float:
        row = {term: min(count, 255) for term, count in bag.items()}
        norm = K1 * (1 - B + B * sum(row.values()) / average)
        return sum(
            times * rarity[term] * row[term] * (K1 + 1) / (row[term] + norm)
            for term, times in query.items()
            if term in row
        )

    return [0.0 if bag is None else score(bag) for bag in bags]


def grown(steps: Sequence[Sequence[Bag] | set[int]]) -> tuple[Words, list[Bag | None]]:
    words, bags = Words(), list[Bag | None]()
    for step in steps:
        if isinstance(step, set):
            rows = sorted(row for row in step if row < len(bags))
            words.remove(np.array(rows, np.int64))
            for row in rows:
                bags[row] = None
        else:
            assert words.add(bags_of(step)) == range(len(bags), len(bags) + len(step))
            bags.extend(step)
    return words, bags


@given(steps=STEPS, query=QUERIES, limit=st.integers(1, 20))
@settings(max_examples=400, deadline=None)
def test_the_best_are_those_of_the_plain_formula(
    steps: Sequence[Sequence[Bag] | set[int]], query: Bag, limit: int
) -> None:
    words, bags = grown(steps)
    expected = bm25(bags, query)
    rows, scores = words.best(query, limit=limit)
    assert len(rows) == min(limit, sum(score > 0 for score in expected))
    assert scores == pytest.approx([expected[row] for row in rows], rel=1e-4)
    assert scores == pytest.approx(sorted(expected, reverse=True)[: len(rows)], rel=1e-4)
    living = np.array([row for row, bag in enumerate(bags) if bag is not None], np.int64)
    assert scores_of(words, query, living[::-1]) == pytest.approx([expected[row] for row in living[::-1]], rel=1e-4)
    assert max(expected, default=0) <= words.ceiling(query) * 1.0001


@given(steps=STEPS, query=QUERIES, allowed=st.sets(st.integers(0, 110)))
@settings(max_examples=200, deadline=None)
def test_only_allowed_rows_are_returned_and_all_say_how_rare_a_term_is(
    steps: Sequence[Sequence[Bag] | set[int]], query: Bag, allowed: set[int]
) -> None:
    words, bags = grown(steps)
    mask = np.array([row in allowed for row in range(len(bags))], bool)
    expected = {row: score for row, score in enumerate(bm25(bags, query)) if row in allowed and score > 0}
    rows, scores = words.best(query, allowed=mask, limit=200)
    assert dict(zip(rows.tolist(), scores.tolist(), strict=True)) == pytest.approx(expected, rel=1e-4)


@given(bags=st.lists(BAGS, min_size=1, max_size=40), query=QUERIES, size=st.integers(1, 5), data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_passage_scores_as_one_row_with_all_that_its_rows_hold(
    bags: Sequence[Bag], query: Bag, size: int, data: st.DataObject
) -> None:
    words, _ = grown([bags])
    firsts = data.draw(st.lists(st.integers(0, len(bags) - 1), max_size=8))
    ends = [min(first + size, len(bags)) for first in firsts]
    scores = words.scores_of_passages(query, np.array(firsts, np.int64), np.array(ends, np.int64), windows=size)
    expected = [passage_bm25(bags, bags[first:end], query, size) for first, end in zip(firsts, ends, strict=True)]
    assert scores == pytest.approx(expected, rel=1e-4)


def passage_bm25(bags: Sequence[Bag], passage: Sequence[Bag], query: Bag, windows: int) -> float:
    rows = [{term: min(count, 255) for term, count in bag.items()} for bag in bags]
    average = windows * sum(sum(row.values()) for row in rows) / len(rows) or 1
    held = Counter[int]()
    for bag in passage:
        held.update({term: min(count, 255) for term, count in bag.items()})
    norm = K1 * (1 - B + B * held.total() / average)
    score = 0.0
    for term, times in query.items():
        holding = sum(term in row for row in rows)
        rarity = math.log1p((len(rows) - holding + 0.5) / (holding + 0.5))
        score += times * rarity * (K1 + 1) * held[term] / (held[term] + norm) if held[term] else 0
    return score


def test_a_store_that_lost_every_window_finds_nothing_and_gives_its_space_back() -> None:
    words, bags = grown([[dict.fromkeys(range(row, row + 50), 1) for row in range(64)]])
    full = words.nbytes
    words.remove(np.arange(len(bags)))
    assert len(words.best({3: 1}, limit=5)[0]) == 0
    assert words.nbytes < full / 10
    words.remove(np.arange(len(bags)))
    assert words.add(bags_of([{3: 1}])) == range(64, 65)
    assert words.best({3: 1}, limit=5)[0].tolist() == [64]


def test_what_was_removed_no_longer_says_how_rare_a_term_is() -> None:
    """Also before its space is given back."""
    words, _ = grown([[{1: 1, 2: 1}] * 6 + [{1: 1, 3: 1}] * 6])
    words.remove(np.array([0]))
    fresh, _ = grown([[{1: 1, 2: 1}] * 5 + [{1: 1, 3: 1}] * 6])
    assert words.ceiling({1: 1, 2: 1}) == pytest.approx(fresh.ceiling({1: 1, 2: 1}))


def test_of_a_long_query_the_rarest_terms_are_asked_for() -> None:
    words, _ = grown([[{0: 1, term: 1} for term in range(1, 200)]])
    rows, scores = words.best(dict.fromkeys(range(10000), 1), limit=300)
    assert len(rows) == MOST_TERMS
    assert len(set(scores.tolist())) == 1


def test_a_term_in_every_row_and_a_row_of_2000_terms_are_ranked() -> None:
    words, _ = grown([[{0: 1}] * 60, [dict.fromkeys(range(2000), 1)]])
    assert words.best({0: 1, 1999: 1}, limit=1)[0].tolist() == [60]
    assert words.best({0: 1}, limit=100)[0].tolist() == list(range(61))


def test_an_empty_store_and_an_empty_query_find_nothing() -> None:
    words, _ = grown([[{0: 1}]])
    assert len(words.best({}, limit=5)[0]) == 0
    assert len(Words().best({0: 1}, limit=5)[0]) == 0
    assert words.ceiling({7: 1}) == 0
    assert len(scores_of(words, {0: 1}, np.zeros(0, np.int64))) == 0


def test_equal_scores_keep_the_order_of_rows() -> None:
    words, _ = grown([[{0: 1}] * 40])
    assert words.best({0: 1}, limit=5)[0].tolist() == [0, 1, 2, 3, 4]


def test_segments_stay_few_however_windows_come() -> None:
    words, _ = grown([[{row: 1}] for row in range(64)])
    assert len(words._segments) == 4


def scores_of(words: Words, query: Mapping[int, int], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the score of each row, as a passage of its own."""
    return words.scores_of_passages(query, rows, rows + 1, windows=1)
