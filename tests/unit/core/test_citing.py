"""Citations found while a model speaks: what is said, where each stands, and what stays text."""

import itertools

import histories as h
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from retinue.core.citations import Mark, interleaved, shown
from retinue.core.citing import MAX_CITATIONS, Scanner, Sources, marker_of, without_markers
from retinue.core.item import Hit, Text, ToolOutput

PASSAGES = ("Leave is thirty days. It is paid.", "Ask Ann.")


def found(search: int = 4, *, file: str = "file-1") -> ToolOutput:
    text, hits = "2 passages were found.", []
    for rank, passage in enumerate(PASSAGES):
        text += "\n\n"
        place = len(text), len(text) + len(passage)
        hits.append(hit(f"{file}{rank}", marker_of(search, rank), *place))
        text += passage
    return structs.replace(h.output(h.call("a"), text), hits=tuple(hits))


def hit(file: str, marker: str, start: int, end: int) -> Hit:
    pages = ((0, 7), (22, 8))
    return Hit(file_id=file, file_name="handbook.pdf", score=0.5, marker=marker, start=start, end=end, pages=pages)


def scanned(*pieces: str, searches: tuple[ToolOutput, ...] = (found(),)) -> list[str | Mark]:
    """All that was told, one after the other."""
    scanner = Scanner(Sources(searches))
    groups = [*itertools.chain.from_iterable(scanner.take((piece,)) for piece in pieces), *scanner.end()]
    return [one for group in groups for one in ([group] if isinstance(group, Mark) else group)]


def texts(group: list[str] | Mark) -> list[str]:
    return [] if isinstance(group, Mark) else group


def told(*pieces: str) -> list[str]:
    return [one.text if isinstance(one, Mark) else one for one in scanned(*pieces)]


def marks(*pieces: str) -> list[Mark]:
    return [one for one in scanned(*pieces) if isinstance(one, Mark)]


def stored(told: list[str | Mark]) -> Text:
    annotations = tuple(one.annotation for one in told if isinstance(one, Mark))
    return Text("".join(one for one in told if isinstance(one, str)), annotations)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thirty【4:0†source】 days.", ["Thirty", "【4:0†source】", " days."]),
        ("【4:0†source】At the beginning", ["【4:0†source】", "At the beginning"]),
        ("At the end【4:1†source】", ["At the end", "【4:1†source】"]),
        ("Both【4:0†source】【4:1†source】", ["Both", "【4:0†source】", "【4:1†source】"]),
        ("Bare【4:0】.", ["Bare", "【4:0†source】", "."]),
        ("By name【4:1†handbook.pdf】.", ["By name", "【4:1†source】", "."]),
        ("【【4:0†source】】", ["【", "【4:0†source】", "】"]),
    ],
)
def test_a_marker_of_a_passage_is_a_citation(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Never shown【5:0†source】.",
        "No such rank【4:2†source】.",
        "Not closed【4:0†source",
        "Only opened【",
        "A title 【Chapter 4:0】",
        "Digits of elsewhere 【٤:0†source】",
        f"Too long 【4:0†{'x' * 60}】",
        "Over two lines 【4:0†sour\nce】",
    ],
)
def test_what_names_no_passage_stays_text(text: str) -> None:
    assert "".join(told(text)) == text
    assert marks(text) == []


def test_a_citation_stands_where_it_was_said_and_is_shown_where_its_marker_is() -> None:
    first, second = marks("Thirty【4:0†source】 days", "【4:1†source】.")
    assert (first.annotation.start, first.annotation.end, first.start, first.end) == (6, 6, 6, 18)
    assert (second.annotation.start, second.start, second.end) == (11, 23, 35)
    assert (first.annotation.file_id, first.annotation.file_name) == ("file-10", "handbook.pdf")


def test_a_citation_quotes_what_supports_it_and_tells_the_page_of_that() -> None:
    (mark,) = marks("It is paid too, says the handbook【4:0†source】.")
    assert (mark.annotation.quote, mark.annotation.page) == ("It is paid.", 8)
    (mark,) = marks("You have thirty days of leave【4:0†source】.")
    assert (mark.annotation.quote, mark.annotation.page) == ("Leave is thirty days.", 7)


def test_text_is_held_back_only_while_it_may_become_a_marker() -> None:
    scanner = Scanner(Sources([found()]))
    assert scanner.take(("A 【",)) == [["A "]]
    assert scanner.take(("4:",)) == []
    assert scanner.take(("x", "y")) == [["【4:x", "y"]]


@given(st.text(alphabet="0123456789:†【】source \n", max_size=200))
def test_nothing_is_held_back_for_long(text: str) -> None:
    """What names no passage is told as it is, at most the length of a marker late."""
    scanner, said = Scanner(Sources([found(123_456_789)])), 0
    for count, letter in enumerate(text, start=1):
        said += sum(len(piece) for group in scanner.take((letter,)) for piece in texts(group))
        assert count - said <= 64


MARKS = ["【4:0†source】", "【4:1†source】", "【4:0】", "【9:9†source】", "【", "】", "4:0", "†"]
WORDS = st.sampled_from([*MARKS, "Thirty days. ", "\U0001f600", "é", "\n"])


@given(st.lists(WORDS, max_size=20).map("".join), st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_however_a_text_is_cut_the_same_is_stored_and_shown(text: str, sizes: list[int]) -> None:
    pieces, place = [], 0
    for size in itertools.cycle(sizes):
        if place >= len(text):
            break
        pieces.append(text[place : place + size])
        place += size
    whole, cut = stored(scanned(text)), stored(scanned(*pieces))
    assert cut == whole
    seen = "".join(told(*pieces))
    assert seen == shown(cut)[0]
    assert [(m.start, m.end, m.text) for m in marks(*pieces)] == [(m.start, m.end, m.text) for m in shown(cut)[1]]


@given(st.lists(WORDS, max_size=20))
def test_what_was_told_is_told_again_from_what_is_stored(pieces: list[str]) -> None:
    once = scanned(*pieces)
    said = [one for one in once if isinstance(one, str)]
    again = [
        one for group in interleaved(stored(once), said) for one in ([group] if isinstance(group, Mark) else group)
    ]
    assert again == once


def test_a_message_has_a_bounded_number_of_citations() -> None:
    text = "【4:0†source】" * (MAX_CITATIONS + 3)
    assert len(marks(text)) == MAX_CITATIONS
    assert "".join(told(text)) == text


def test_passages_of_several_searches_are_told_apart() -> None:
    said = scanned("a【4:0†source】b【7:0†source】", searches=(found(4), found(7, file="file-2")))
    assert [one.annotation.file_id for one in said if isinstance(one, Mark)] == ["file-10", "file-20"]


def test_a_text_from_outside_can_hold_no_marker() -> None:
    hostile = "As 【4:0†source】 says, and 【12:3】, but not 【Chapter】."
    harmless = without_markers(hostile)
    assert harmless == "As [4:0†source] says, and [12:3], but not 【Chapter】."
    assert len(harmless) == len(hostile)
