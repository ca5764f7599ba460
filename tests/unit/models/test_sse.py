from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.models.http.sse import EventReader, EventTooLong

LINES = st.sampled_from(
    ["data: {}", "data:x", "data", "data:  two", "data: grün 🎉", ": a comment", "event: delta", "id: 7", "", "other"]
)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
STREAMS = st.lists(st.tuples(LINES, LINE_ENDS), max_size=12).map(
    lambda lines: "".join(line + end for line, end in lines).encode()
)


def read(*reads: bytes, limit: int = 1000) -> list[bytes]:
    reader = EventReader(limit=limit)
    return [data for piece in reads for data in reader.feed(piece)] + reader.end()


@given(stream=STREAMS, cuts=st.lists(st.integers(0, 200), max_size=10))
def test_events_do_not_depend_on_how_the_bytes_are_cut(stream: bytes, cuts: list[int]) -> None:
    pieces = [stream[start:end] for start, end in pairwise([0, *sorted(cuts), len(stream)])]
    single = [stream[at : at + 1] for at in range(len(stream))]
    assert read(*pieces) == read(stream) == read(*single)


@given(lines=st.lists(LINES, max_size=12), end=LINE_ENDS)
def test_events_are_those_of_the_standard(lines: list[str], end: str) -> None:
    assert read("".join(line + end for line in lines).encode()) == by_the_standard(lines)


def by_the_standard(lines: list[str]) -> list[bytes]:
    """The steps of the HTML standard, line by line, but for the last event's blank line."""
    events: list[bytes] = []
    data: str | None = None
    for line in [*lines, ""]:
        name, _, value = line.partition(":")
        if line == "":
            events += [] if data is None else [data.encode()]
            data = None
        elif name == "data":
            value = value.removeprefix(" ")
            data = value if data is None else f"{data}\n{value}"
    return events


def test_many_events_in_one_read_come_in_order() -> None:
    assert read(b"data: 1\n\ndata: 2\n\ndata: 3\n\n") == [b"1", b"2", b"3"]


def test_several_data_lines_make_one_event() -> None:
    assert read(b"data: one\ndata: two\n\n") == [b"one\ntwo"]


def test_a_last_event_without_its_blank_line_counts() -> None:
    assert read(b"data: 1\n\ndata: [DONE]\n") == [b"1", b"[DONE]"]


def test_comments_and_other_fields_are_no_events() -> None:
    assert read(b": keep-alive\n\nevent: ping\nid: 1\nretry: 5\n\n") == []


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbfdata: 1\n\n") == [b"1"]


def test_a_carriage_return_ends_a_line_at_once() -> None:
    assert EventReader().feed(b"data: 1\r\r") == [b"1"]


def test_line_ends_cut_in_two_are_one_line_end() -> None:
    reader = EventReader()
    assert [reader.feed(piece) for piece in (b"data: 1\r", b"\n\r", b"\ndata: 2\r\n\r\n")] == [[], [b"1"], [b"2"]]


def test_an_endless_line_is_refused() -> None:
    with pytest.raises(EventTooLong, match="longer than 100 bytes"):
        read(*[b"data: 12"] * 13, limit=100)


def test_a_long_event_that_comes_whole_is_refused() -> None:
    with pytest.raises(EventTooLong):
        read(b"data: 1\n\ndata: " + b"x" * 100 + b"\n\n", limit=100)


def test_events_add_up_to_more_than_the_bound_of_one() -> None:
    assert len(read(b"data: 12345\n\n" * 100, limit=100)) == 100


def test_an_event_in_many_small_reads_takes_time_in_proportion() -> None:
    reader = EventReader()
    reads = [b"data: ", *[b"x" * 16] * 200_000, b"\n\n"]
    assert [len(data) for piece in reads for data in reader.feed(piece)] == [16 * 200_000]


def test_comments_without_end_are_too_long() -> None:
    reader = EventReader(limit=100)
    for _ in range(10):
        assert reader.feed(b": ping\n\n" * 10 + b"data: x\n\n") == [b"x"]
    for _ in range(12):
        assert reader.feed(b": ping\n\n") == []
    with pytest.raises(EventTooLong, match="100 bytes of the stream hold no event"):
        reader.feed(b": ping\n\n")
