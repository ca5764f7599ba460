"""Chunks of whole windows, whatever sizes are asked for."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retinue.core.vector_store import Chunking

SIZES = st.integers(100, 4_096).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size // 2)))


@given(asked=SIZES)
@example(asked=(4_094, 20))
@example(asked=(4_095, 2_047))
def test_chunks_keep_to_what_was_asked(asked: tuple[int, int]) -> None:
    size, overlap = asked
    chunking = Chunking(size=size, overlap=overlap)
    window, grid = chunking.window_tokens, chunking.grid
    assert window <= 200
    assert size - grid.per_chunk < grid.per_chunk * window <= size
    shared = (grid.per_chunk - grid.step) * window
    assert overlap <= shared < overlap + window


@pytest.mark.parametrize(
    ("size", "overlap", "window", "per_chunk", "step"),
    [
        (800, 400, 200, 4, 2),
        (100, 50, 50, 2, 1),
        (100, 0, 100, 1, 1),
        (4_096, 2_048, 195, 21, 10),
        (4_094, 20, 194, 21, 20),
        (1_000, 0, 200, 5, 5),
    ],
)
def test_windows_are_equal_parts_of_a_chunk(size: int, overlap: int, window: int, per_chunk: int, step: int) -> None:
    chunking = Chunking(size=size, overlap=overlap)
    assert (chunking.window_tokens, chunking.grid.per_chunk, chunking.grid.step) == (window, per_chunk, step)
