"""Chunks as runs of windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.chunking import Grid


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    per_chunk = draw(st.integers(1, 20))
    return Grid(per_chunk=per_chunk, step=draw(st.integers(1, per_chunk)))


def test_chunks_of_800_tokens_with_400_of_overlap() -> None:
    grid = Grid(per_chunk=4, step=2)
    assert [list(grid.windows_of(chunk, 7)) for chunk in range(grid.chunks(7))] == [
        [0, 1, 2, 3],
        [2, 3, 4, 5],
        [4, 5, 6],
    ]
    assert list(grid.holding(3, 7)) == [0, 1]
    assert list(grid.holding(6, 7)) == [2]


def test_a_document_without_windows_has_no_chunks() -> None:
    assert Grid(per_chunk=4, step=2).chunks(0) == 0


@given(grids(), st.integers(1, 200))
def test_every_window_is_in_a_chunk_and_the_last_chunk_ends_with_the_document(grid: Grid, windows: int) -> None:
    chunks = [grid.windows_of(chunk, windows) for chunk in range(grid.chunks(windows))]
    assert {window for chunk in chunks for window in chunk} == set(range(windows))
    assert chunks[-1].stop == windows
    assert grid.chunked(windows) == sum(map(len, chunks))


@given(grids(), st.integers(1, 200))
def test_no_chunk_lies_inside_the_one_before(grid: Grid, windows: int) -> None:
    ends = [grid.windows_of(chunk, windows).stop for chunk in range(grid.chunks(windows))]
    assert ends == sorted(set(ends))


@given(grids(), st.integers(1, 60))
def test_holding_names_the_chunks_that_a_window_is_in(grid: Grid, windows: int) -> None:
    for window in range(windows):
        holding = [chunk for chunk in range(grid.chunks(windows)) if window in grid.windows_of(chunk, windows)]
        assert list(grid.holding(window, windows)) == holding


@pytest.mark.parametrize(("per_chunk", "step"), [(4, 0), (4, 5), (0, 0), (4, -1)])
def test_a_step_that_leaves_windows_out_or_goes_nowhere_is_refused(per_chunk: int, step: int) -> None:
    with pytest.raises(ValueError, match="step must be from 1 to per_chunk"):
        Grid(per_chunk=per_chunk, step=step)
