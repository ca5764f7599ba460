"""Sources in place of the markers that stand in a text."""

from typing import Any

import msgspec
import pytest

from retinue.cli.chat.objects import Message, Text
from retinue.cli.files.places import told_apart

MARKER = "【4:0†source】"


def cited(start: int, page: int | None = None, *, text: str = MARKER, name: str = "rules.pdf") -> dict[str, Any]:
    return {"text": text, "start_index": start, "retinue": {"file_name": name, "page": page}}


def said(value: str, *annotations: dict[str, Any]) -> str:
    return msgspec.convert({"value": value, "annotations": annotations}, Text).said({})


def test_two_pages_of_one_passage_are_told_apart() -> None:
    value = f"Dogs are welcome.{MARKER} Cats are not.{MARKER}"
    first, second = value.index(MARKER), value.rindex(MARKER)
    told = "Dogs are welcome. [rules.pdf, page 1] Cats are not. [rules.pdf, page 2]"
    assert said(value, cited(first, 1), cited(second, 2)) == told
    assert said(value, cited(second, 2), cited(first, 1)) == told


def test_only_what_is_annotated_is_replaced() -> None:
    assert said("In [1] as in [1].", cited(13, text="[1]")) == "In [1] as in  [rules.pdf]."


def test_a_piece_of_a_text_has_its_sources_wherever_it_stands_in_the_whole() -> None:
    assert said(MARKER, cited(700, 3)) == " [rules.pdf, page 3]"
    assert said(f" or so{MARKER}, and{MARKER}", cited(700, 3), cited(800, 4)) == (
        " or so [rules.pdf, page 3], and [rules.pdf, page 4]"
    )


@pytest.mark.parametrize(
    "annotation", [cited(0, text=""), cited(3, text="[2]"), cited(-1, text="[2]"), {}, cited(1 << 70, text="[2]")]
)
def test_a_marker_that_stands_nowhere_changes_nothing(annotation: dict[str, Any]) -> None:
    assert said("See [1].", annotation) == "See [1]."


def test_where_nobody_knows_the_file_the_marker_stays() -> None:
    part = {"type": "text", "text": {"value": f"So.{MARKER}", "annotations": [{"text": MARKER, "start_index": 3}]}}
    message = msgspec.convert({"id": "msg_1", "role": "assistant", "content": [part]}, Message)
    assert message.said({}) == f"So.{MARKER}"


def test_files_of_one_name_are_told_apart_by_as_much_of_their_paths_as_that_takes() -> None:
    paths = {"1": "/x/a/r.md", "2": "/x/b/r.md", "3": "/x/a/s.md", "4": "/y/a/r.md", "5": "/x/c/t.md", "6": "/x/c/t.md"}
    names = told_apart(paths)
    assert names == {"1": "x/a/r.md", "2": "x/b/r.md", "4": "y/a/r.md"}
    citation = cited(0, 2, name="r.md") | {"file_citation": {"file_id": "2"}}
    assert msgspec.convert({"value": MARKER, "annotations": [citation]}, Text).said(names) == " [x/b/r.md, page 2]"
