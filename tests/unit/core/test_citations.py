import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retinue.core.citations import Mark, shown, stored
from retinue.core.item import Annotation, Text

EXAMPLES = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CITED = Annotation(kind="file_citation", file_id="file_1", start=0, end=0, quote="words")
LINKED = Annotation(kind="file_path", file_id="file_2", start=0, end=0)
MARKER = "【4:0†source】"

OFFSETS = st.integers(min_value=0, max_value=30)


@st.composite
def texts_with_marks(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    value = draw(st.text(alphabet="ab【】😀\n", max_size=25))
    marks = []
    for kept, start, end in draw(st.lists(st.tuples(st.sampled_from([CITED, LINKED]), OFFSETS, OFFSETS), max_size=6)):
        said = draw(st.sampled_from([value[start:end], "x", ""]))
        marks.append(Mark(kept, start, end, said))
    return value, marks


@EXAMPLES
@given(texts_with_marks())
def test_what_is_stored_is_shown_as_it_was_whatever_the_offsets(given_: tuple[str, list[Mark]]) -> None:
    value, marks = given_
    back, placed = shown(stored(value, marks))
    assert back == value
    assert [(mark.start, mark.end, mark.text) for mark in placed] == [(m.start, m.end, m.text) for m in marks]
    for mark, was in zip(placed, marks, strict=True):
        kept, before = mark.annotation, was.annotation
        assert (kept.kind, kept.file_id, kept.quote) == (before.kind, before.file_id, before.quote)


@EXAMPLES
@given(st.lists(st.tuples(st.text(alphabet="ab😀", max_size=5), st.sampled_from(["【1】", MARKER])), max_size=6))
def test_markers_whose_offsets_are_right_are_taken_out(pieces: list[tuple[str, str]]) -> None:
    value, marks = "", []
    for said, marker in pieces:
        start = len(value) + len(said)
        value += said + marker
        marks.append(Mark(CITED, start, len(value), marker))
    clean = stored(value, marks)
    assert clean.value == "".join(said for said, _ in pieces)
    assert [annotation.marker for annotation in clean.annotations] == [marker for _, marker in pieces]


def test_a_link_stays_in_the_text() -> None:
    value = f"See sandbox:/a.csv{MARKER}."
    marks = [Mark(LINKED, 4, 18, "sandbox:/a.csv"), Mark(CITED, 18, 18 + len(MARKER), MARKER)]
    clean = stored(value, marks)
    assert clean.value == "See sandbox:/a.csv."
    assert [(a.start, a.end, a.marker) for a in clean.annotations] == [(4, 18, ""), (18, 18, MARKER)]


def test_a_text_without_marks_is_itself() -> None:
    assert stored("Hi", []) == Text("Hi")
    assert shown(Text("Hi")) == ("Hi", [])


@pytest.mark.parametrize("place", [(0, 3), (100, 110), (5, 2)])
def test_marks_that_miss_their_marker_leave_it_in_the_text(place: tuple[int, int]) -> None:
    value = f"Rome{MARKER}"
    assert stored(value, [Mark(CITED, *place, MARKER)]).value == value
