"""The server's events out of its bytes, however the network cut them."""

from collections.abc import AsyncIterator, Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.cli.client.sse import LIMIT, Event, events_of
from retinue.core.errors import RetinueError

STREAM = (
    b'event: thread.run.created\ndata: {"id":"run_1"}\n\nevent: thread.run.queued\ndata: {"id":"run_1"}\nid: 7\n\n'
    + 'event: thread.message.delta\ndata: {"text":"Grüße: 日本"}\nid: 8\n\n'.encode()
    + b"event: done\ndata: [DONE]\n\n"
)
EVENTS = [
    Event("thread.run.created", b'{"id":"run_1"}'),
    Event("thread.run.queued", b'{"id":"run_1"}', 7),
    Event("thread.message.delta", '{"text":"Grüße: 日本"}'.encode(), 8),
    Event("done", b"[DONE]"),
]


async def arriving(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def read(*pieces: bytes) -> list[Event]:
    return [event async for event in events_of(arriving(pieces))]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
async def test_events_are_the_same_wherever_they_are_cut(places: list[int]) -> None:
    cuts = [0, *sorted(places), len(STREAM)]
    assert await read(*(STREAM[start:end] for start, end in pairwise(cuts))) == EVENTS


async def test_an_event_that_breaks_off_is_none() -> None:
    assert await read(STREAM, b"event: thread.run.completed\ndata: {") == EVENTS


@pytest.mark.parametrize("number", [b"", b"x", b"-1", b"9" * 5_000, "٣".encode()])
async def test_what_is_no_number_is_none(number: bytes) -> None:
    assert await read(b"event: x\ndata: {}\nid: %b\n\n" % number) == [Event("x", b"{}")]


async def test_an_event_without_an_end_is_given_up() -> None:
    with pytest.raises(RetinueError, match="longer than any can be"):
        await read(b"x" * (LIMIT // 2), b"x" * (LIMIT // 2 + 1))
