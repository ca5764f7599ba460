"""One answer over streams that come late, break off, or are left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from retinue.cli.chat.answer import Answer, Clock
from retinue.cli.chat.conversation import Answered, Asked, Waiting
from retinue.cli.client.api import Api
from retinue.cli.client.door import Answer as Response
from retinue.cli.client.door import Gone, Request

RUN = {"id": "run_1", "thread_id": "thread_1", "assistant_id": "asst_1", "model": "m"}
CALL = {"id": "call_1", "function": {"name": "look", "arguments": "{}"}}
PENDING = {"required_action": {"submit_tool_outputs": {"tool_calls": [CALL]}}}
DONE = b"event: done\ndata: [DONE]\n\n"
BREAKS = b""


def told(status: str, number: int, **more: Any) -> bytes:
    """An event that tells of the run."""
    data = msgspec.json.encode({**RUN, "status": status, **more})
    return b"event: thread.run.%b\nid: %d\ndata: %b\n\n" % (status.encode(), number, data)


class Script:
    """See `Door`. Answers one request after the other; an empty piece breaks off, an event is awaited."""

    def __init__(self, *answers: list[bytes | asyncio.Event]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Response]:
        self.asked.append(f"{request.method} {request.path.rpartition('/')[2]}")
        yield Response(status=200, pieces=self._pieces(self._answers.pop(0)))

    async def close(self) -> None:
        """Nothing is open."""

    async def _pieces(self, answer: list[bytes | asyncio.Event]) -> AsyncIterator[bytes]:
        for piece in answer:
            if isinstance(piece, asyncio.Event):
                await piece.wait()
            elif piece == BREAKS:
                raise Gone("The server has gone.")
            else:
                yield piece


def answer_of(script: Script) -> Answer:
    async def sleep(_: float) -> None:
        """Time passes at once."""

    return Answer(Api(script), [], Clock(lambda: 0.0, sleep))


async def test_an_answer_that_is_left_before_its_run_is_known_is_cancelled_once_it_is() -> None:
    word = asyncio.Event()
    cancelled = told("cancelled", 2)
    script = Script(
        [word, told("queued", 1)], [msgspec.json.encode({**RUN, "status": "cancelling"})], [cancelled, DONE]
    )
    answer = answer_of(script)
    asking = asyncio.ensure_future(anext(answer.begin("/v1/threads/runs")))
    while not script.asked:
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    leaving = asyncio.create_task(answer.leave())
    word.set()
    await leaving
    assert script.asked == ["POST runs", "POST cancel", "GET events"]


async def test_an_answer_that_is_stopped_before_its_run_is_known_is_cancelled_once_it_is() -> None:
    word, rest = asyncio.Event(), asyncio.Event()
    cancelling = msgspec.json.encode({**RUN, "status": "cancelling"})
    turns = b'{"data": []}'
    script = Script([word, told("queued", 1), rest, told("cancelled", 2), DONE], [cancelling], [turns])
    answer = answer_of(script)
    asking = asyncio.ensure_future(anext(answer.begin("/v1/threads/runs")))
    while not script.asked:
        await asyncio.sleep(0)
    await answer.stop()
    word.set()
    while "POST cancel" not in script.asked:
        await asyncio.sleep(0)
    rest.set()
    last = await asking
    assert isinstance(last, Answered)
    assert last.end == "stopped"


async def test_outputs_whose_way_broke_off_are_handed_in_again_where_the_run_still_waits() -> None:
    script = Script(
        [told("queued", 1), told("requires_action", 2, **PENDING), DONE],
        [BREAKS],
        [DONE],
        [told("queued", 3), told("completed", 4), DONE],
        [b'{"data": []}'],
    )
    answer = answer_of(script)
    assert [type(happening) async for happening in answer.begin("/v1/threads/runs")] == [Asked]
    happened = [type(happening) async for happening in answer.go_on({"call_1": "rain"})]
    assert happened == [Waiting, Waiting, Answered]
    assert script.asked[1:4] == ["POST submit_tool_outputs", "GET events", "POST submit_tool_outputs"]


async def test_outputs_that_were_taken_before_the_stream_broke_off_are_not_handed_in_again() -> None:
    script = Script(
        [told("queued", 1), told("requires_action", 2, **PENDING), DONE],
        [BREAKS],
        [told("queued", 3), told("completed", 4), DONE],
        [b'{"data": []}'],
    )
    answer = answer_of(script)
    await anext(happenings := answer.begin("/v1/threads/runs"))
    await happenings.aclose()
    happened = [type(happening) async for happening in answer.go_on({"call_1": "rain"})]
    assert happened == [Waiting, Answered]
    assert script.asked[1:3] == ["POST submit_tool_outputs", "GET events"]
