"""Codes in blocks, against the same search in floats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from retinue.knowledge.index import block, blocks
from retinue.knowledge.index.block import BLOCK_ROWS
from retinue.knowledge.index.blocks import Blocks
from retinue.knowledge.index.codes import Vectors, codes_of

DIMENSIONS = 24


def unit_vectors(count: int, *, seed: int = 0, dimensions: int = DIMENSIONS) -> Vectors:
    vectors: Vectors = np.random.default_rng(seed).standard_normal((count, dimensions), np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def filled(vectors: Vectors) -> Blocks:
    made = Blocks(vectors.shape[1])
    made.add(codes_of(vectors))
    return made


def best_ten(vectors: Vectors, query: Vectors, rows: NDArray[np.int64]) -> set[int]:
    return set(rows[np.argsort(-(vectors[rows] @ query[0]))][:10].tolist())


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "BLOCK_ROWS", 64)
    monkeypatch.setattr(blocks, "PIECE_ROWS", 16)


@pytest.mark.parametrize("spread", [0.0, 0.6, 3.0])
def test_the_forty_nearest_codes_hold_the_ten_nearest_vectors(spread: float) -> None:
    """On vectors spread evenly, in clusters as texts make them, and with coordinates that outweigh the others."""
    random = np.random.default_rng(7)
    centres = random.standard_normal((200, 384)) + spread
    vectors = centres[random.integers(0, 200, 20_000)] + random.standard_normal((20_000, 384))
    vectors[:, 7] *= 1 + 3 * spread
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    searched = filled(vectors)
    for number in range(0, 20_000, 500):
        query = vectors[number : number + 1]
        found = searched.nearest(codes_of(query), 40)
        assert best_ten(vectors, query, np.arange(20_000)) <= set(found.tolist())


@settings(deadline=None)
@given(data=st.data())
def test_what_is_found_is_what_is_alive_and_allowed(data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "BLOCK_ROWS", 64)
        patch.setattr(blocks, "PIECE_ROWS", 16)
        vectors = unit_vectors(data.draw(st.integers(1, 400)), seed=data.draw(st.integers(0, 9)))
        rows = len(vectors)
        searched, alive = Blocks(DIMENSIONS), np.ones(rows, bool)
        for part in np.array_split(vectors, data.draw(st.integers(1, 9))):
            searched.add(codes_of(part))
        for start in data.draw(st.lists(st.integers(0, rows - 1), max_size=8)):
            stop = min(rows, start + data.draw(st.integers(0, 150)))
            searched.kill(range(start, stop))
            alive[start:stop] = False
        allowed = np.random.default_rng(1).random(rows) < data.draw(st.sampled_from([0.02, 0.5, 1]))
        query = unit_vectors(1, seed=99)
        found = searched.nearest(codes_of(query), 40, allowed)
        wanted = np.flatnonzero(alive & allowed)
        assert len(found) == min(40, len(wanted))
        assert set(found.tolist()) <= set(wanted.tolist())
        assert best_ten(vectors, query, wanted) <= set(found.tolist())
        exact = np.where(alive[:, None], vectors, np.nan)
        np.testing.assert_allclose(searched.vectors(np.arange(rows)), exact, atol=0.01)


@pytest.mark.usefixtures("small_blocks")
def test_of_equal_vectors_the_first_are_found() -> None:
    searched = filled(np.repeat(unit_vectors(1), 300, axis=0))
    assert searched.nearest(codes_of(unit_vectors(1)), 20).tolist() == list(range(20))


@pytest.mark.usefixtures("small_blocks")
def test_a_block_whose_rows_are_all_dead_is_given_back() -> None:
    searched = filled(unit_vectors(64 * 4))
    before = searched.nbytes
    searched.kill(range(10, 64 * 3))
    assert searched.nbytes == before / 2
    searched.kill(range(10))
    searched.kill(range(5, 100))  # some that are dead already
    assert searched.nbytes == before / 4
    assert set(searched.nearest(codes_of(unit_vectors(1)), 100).tolist()) == set(range(192, 256))


def test_a_few_rows_take_a_few_rows_of_memory() -> None:
    assert filled(unit_vectors(20)).nbytes == 20 * (DIMENSIONS + 4)


def test_a_full_block_is_never_copied() -> None:
    searched = filled(unit_vectors(BLOCK_ROWS, dimensions=2))
    full = searched.nbytes
    searched.add(codes_of(unit_vectors(1, dimensions=2)))
    assert searched.nbytes - full == 1 * (2 + 4)


def test_a_vector_that_is_no_vector_is_like_nothing_and_harms_no_other() -> None:
    vectors = unit_vectors(50)
    vectors[3], vectors[4], vectors[5, 0] = 0, np.nan, np.inf
    found = filled(vectors)
    assert len(found.nearest(codes_of(vectors[:1]), 50)) == 50
    assert not found.vectors(np.array([3, 4, 5])).any()
