"""Which chunks are shown, and in which order."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.chunking import Grid
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.candidates import Candidates, Evidence, Found, Query
from retinue.knowledge.index.documents import Document, Documents
from retinue.knowledge.index.passages import Passages, passages_around

OVERLAPPING = Grid(per_chunk=4, step=2)


def documents_of(sizes: Sequence[int], grid: Grid) -> Documents:
    """Return files a, b, ... of so many windows; the last one came first."""
    made, row = Documents(), 0
    for place, windows in reversed(list(enumerate(sizes))):
        made.add(Document(id=chr(ord("a") + place), grid=grid, first_row=row, windows=windows))
        row += windows
    return made


def shown(*files: Sequence[float], grid: Grid = OVERLAPPING, words: bool = False) -> list[Found]:
    """Return what is found where windows have these similarities, or words that score so."""
    documents = documents_of([len(scores) for scores in files], grid)
    passages = passages_around(np.arange(documents.windows), documents)
    scores = np.array([score for file in reversed(files) for score in file], np.float32)
    best = np.array([max(file[window] for window in windows) for file, windows in chunks(passages, files)], np.float32)
    candidates = Candidates(
        queries=[Query(vector=np.ones(1, np.float32), terms={1: 1})],
        passages=passages,
        vectors=np.zeros((len(scores), 1), np.float32) if words else scores[:, None],
        words=[best if words else np.zeros_like(best)],
        window_words=[scores if words else np.zeros_like(scores)],
        ceilings=[1.0],
    )
    return list(candidates.found(better_side, 0))


def chunks(passages: Passages, files: Sequence[Sequence[float]]) -> list[tuple[Sequence[float], range]]:
    found = [passages.windows_of(number) for number in range(len(passages))]
    return [(files[ord(file_id) - ord("a")], windows) for file_id, windows in found]


def better_side(found: Evidence) -> Scores:
    return np.maximum(found.similarities, found.words)


def places(found: Sequence[Found]) -> list[tuple[str, int, int, int]]:
    return [(each.document, each.first_window, each.last_window, each.best_window) for each in found]


def test_a_chunk_whose_best_window_a_better_one_has_shown_is_left_out() -> None:
    assert places(shown([0.1, 0.2, 0.9, 0.1, 0.3, 0.1])) == [("a", 0, 3, 2)]
    assert places(shown([0.1, 0.2, 0.9, 0.1, 0.95, 0.1])) == [("a", 2, 5, 4)]


def test_chunks_with_good_windows_of_their_own_are_all_shown() -> None:
    assert places(shown([0.1, 0.8, 0.1, 0.1, 0.1, 0.9])) == [("a", 2, 5, 5), ("a", 0, 3, 1)]


def test_the_best_window_is_told_by_words_where_vectors_say_nothing() -> None:
    assert places(shown([0.1, 0.1, 0.1, 0.7], words=True)) == [("a", 0, 3, 3)]


def test_passages_of_equal_score_come_by_file_and_place() -> None:
    assert places(shown([0.5] * 3, [0.5] * 8, [0.5] * 2, grid=Grid(per_chunk=4, step=4))) == [
        ("a", 0, 2, 0),
        ("b", 0, 3, 0),
        ("b", 4, 7, 4),
        ("c", 0, 1, 0),
    ]


@given(
    files=st.lists(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30), min_size=1, max_size=4),
    per_chunk=st.integers(1, 8),
    data=st.data(),
)
def test_every_chunk_is_shown_or_its_best_window_is(
    files: list[list[float]], per_chunk: int, data: st.DataObject
) -> None:
    grid = Grid(per_chunk=per_chunk, step=data.draw(st.integers(1, per_chunk)))
    found = shown(*files, grid=grid)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    covered = {(each.document, window) for each in found for window in range(each.first_window, each.last_window + 1)}
    for place, scores in enumerate(files):
        for chunk in range(grid.chunks(len(scores))):
            windows = grid.windows_of(chunk, len(scores))
            best = max(windows, key=lambda window: (scores[window], -window))
            assert (chr(ord("a") + place), best) in covered


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5), st.integers(1, 6), st.data())
def test_the_passages_around_rows_are_the_chunks_that_hold_them(
    sizes: list[int], per_chunk: int, data: st.DataObject
) -> None:
    grid = Grid(per_chunk=per_chunk, step=data.draw(st.integers(1, per_chunk)))
    documents = documents_of(sizes, grid)
    rows = data.draw(st.sets(st.integers(0, documents.windows - 1), min_size=1))
    passages = passages_around(np.array(sorted(rows)), documents)
    expected = {
        (document.id, windows)
        for document in documents
        for windows in (grid.windows_of(chunk, document.windows) for chunk in range(grid.chunks(document.windows)))
        if not rows.isdisjoint(range(document.first_row + windows.start, document.first_row + windows.stop))
    }
    found = [passages.windows_of(number) for number in range(len(passages))]
    assert set(found) == expected
    assert len(found) == len(expected)
    for number, (_, windows) in enumerate(found):
        held = [passages.window_at(number, place)[1] for place in dict.fromkeys(passages.places[number].tolist())]
        assert held == list(windows)
