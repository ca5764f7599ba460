"""Texts with citations: what is stored is clean, and what is shown is what was imported."""

from hypothesis import given
from hypothesis import strategies as st

from retinue.api.assistants import render as v2
from retinue.api.assistants.v1 import render as v1
from retinue.core.citations import Mark, shown, stored
from retinue.core.item import Annotation, Message, Text

MARKER = "【4:0†source】"


def cited(start: int, end: int, text: str = MARKER, *, kind: str = "file_citation", quote: str | None = None) -> Mark:
    annotation = Annotation(kind=kind, file_id="file-1", start=0, end=0, quote=quote)  # type: ignore[arg-type]
    return Mark(annotation, start, end, text)


def places(marks: list[Mark]) -> list[tuple[int, int, str]]:
    return [(mark.start, mark.end, mark.text) for mark in marks]


def test_markers_are_stored_beside_the_text() -> None:
    value = f"It rains{MARKER}. Often{MARKER}."
    marks = [cited(place, place + len(MARKER)) for place in (value.index(MARKER), value.rindex(MARKER))]
    text = stored(value, marks)
    assert text.value == "It rains. Often."
    assert [(a.start, a.end) for a in text.annotations] == [(8, 8), (15, 15)]
    again, found = shown(text)
    assert (again, places(found)) == (value, places(marks))


def test_a_link_to_a_file_stays_in_the_text() -> None:
    value = f"See{MARKER} [it](sandbox:/mnt/data/a.csv)."
    start = value.index("sandbox")
    link = cited(start, start + 23, value[start : start + 23], kind="file_path")
    text = stored(value, [cited(3, 3 + len(MARKER)), link])
    assert text.value == "See [it](sandbox:/mnt/data/a.csv)."
    assert places(shown(text)[1])[1] == places([link])[0]


def test_offsets_that_are_off_are_kept_as_they_came() -> None:
    marks = [cited(2, 5, "nowhere"), cited(90, 99, "beyond")]
    text = stored("Some text.", marks)
    again, found = shown(text)
    assert (again, places(found)) == ("Some text.", places(marks))


@given(st.data())
def test_what_is_shown_is_what_was_imported(data: st.DataObject) -> None:
    value = data.draw(st.text(alphabet="ab【†】é\U0001f600", max_size=30))
    marks = []
    for _ in range(data.draw(st.integers(0, 5))):
        start = data.draw(st.integers(0, 35))
        end = data.draw(st.integers(start, 40))
        said = data.draw(st.sampled_from([value[start:end], "other", ""]))
        marks.append(cited(start, end, said, kind=data.draw(st.sampled_from(["file_citation", "file_path"]))))
    again, found = shown(stored(value, marks))
    assert again == value
    assert sorted(places(found)) == sorted(places(marks))


def test_each_generation_shows_citations_in_its_form() -> None:
    text = stored(f"Yes{MARKER}", [cited(3, 3 + len(MARKER), quote="so it is")])
    message = Message(id="m", thread_id="t", role="assistant", created_at=0, content=(text, Text("plain")))
    [new, plain] = v2.message(message)["content"]
    [old, _] = v1.message(message)["content"]
    assert plain["text"]["annotations"] == []
    assert new["text"] == {
        "value": f"Yes{MARKER}",
        "annotations": [
            {
                "type": "file_citation",
                "text": MARKER,
                "start_index": 3,
                "end_index": 3 + len(MARKER),
                "file_citation": {"file_id": "file-1"},
            }
        ],
    }
    assert old["text"]["annotations"][0]["file_citation"] == {"file_id": "file-1", "quote": "so it is"}
