"""Which chunks are shown for windows with scores."""

from hypothesis import given
from hypothesis import strategies as st

from retinue.core.chunking import Grid
from retinue.knowledge.index.documents import Document
from retinue.knowledge.index.passages import Scored, passages

Shown = list[tuple[str, int, int, int]]


def scored(*files: list[float], grid: Grid | None = None) -> list[Scored]:
    """Return files' windows with these scores, the first file being called a."""
    return [
        Scored(document=document_of(place, len(scores), grid), window=window, score=score)
        for place, scores in enumerate(files)
        for window, score in enumerate(scores)
    ]


def document_of(place: int, windows: int, grid: Grid | None) -> Document:
    return Document(
        file_id=chr(ord("a") + place), grid=grid or Grid(per_chunk=4, step=2), first_row=place * 1000, windows=windows
    )


def shown(windows: list[Scored]) -> Shown:
    return [(each.file_id, each.first_window, each.last_window, each.best_window) for each in passages(windows)]


def test_a_good_window_is_shown_once_though_two_chunks_hold_it() -> None:
    assert shown(scored([0.1, 0.1, 0.9, 0.1, 0.1, 0.1])) == [("a", 0, 3, 2), ("a", 2, 5, 4)]


def test_of_the_chunks_that_hold_a_window_the_one_with_the_best_others_is_shown() -> None:
    assert shown(scored([0.1, 0.1, 0.9, 0.1, 0.5, 0.1]))[0] == ("a", 2, 5, 2)


def test_a_chunk_counts_for_the_best_window_that_no_better_one_has_shown() -> None:
    found = list(passages(scored([0.5, 0.9, 0.8, 0.1, 0.2, 0.1])))
    assert [(each.best_window, each.score) for each in found] == [(1, 0.9), (4, 0.2)]


def test_windows_of_equal_score_come_by_file_and_place_in_whatever_order_they_are_given() -> None:
    windows = scored([0.5] * 4, [0.5] * 4, [0.5] * 4)
    assert [each[0] for each in shown(windows)] == ["a", "b", "c"]
    assert shown(windows[::-1]) == shown(windows)


@given(
    files=st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=30), min_size=1, max_size=4),
    per_chunk=st.integers(1, 8),
    data=st.data(),
)
def test_every_window_is_shown_in_some_chunk_and_no_chunk_twice(
    files: list[list[float]], per_chunk: int, data: st.DataObject
) -> None:
    windows = scored(*files, grid=Grid(per_chunk=per_chunk, step=data.draw(st.integers(1, per_chunk))))
    found = list(passages(windows))
    chunks = [(each.file_id, each.first_window) for each in found]
    assert len(chunks) == len(set(chunks))
    covered = {(each.file_id, number) for each in found for number in range(each.first_window, each.last_window + 1)}
    assert covered == {(each.document.file_id, each.window) for each in windows}
    scores = [each.score for each in found]
    assert scores == sorted(scores, reverse=True)
