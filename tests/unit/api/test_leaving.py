"""A caller who goes away while the answer is being made."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.requests import ClientDisconnect

from retinue.api.leaving import LEAVING, WhileCallerStays

Leave = Callable[[], None]


class Connection:
    """Stands for the server's side of one connection."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost
        self.leave: Leave | None = None

    def watch(self, leave: Leave | None) -> None:
        self.leave = leave
        if self.lost and leave is not None:
            leave()

    async def answer(self, *, made: asyncio.Event, begun: asyncio.Event | None = None) -> str:
        with WhileCallerStays({"extensions": {LEAVING: {"watch": self.watch}}}):
            if begun:
                begun.set()
            await made.wait()
        return "answered"


async def test_caller_who_goes_away_ends_what_is_awaited() -> None:
    connection, begun = Connection(), asyncio.Event()
    answering = asyncio.create_task(connection.answer(made=asyncio.Event(), begun=begun))
    await begun.wait()
    assert connection.leave is not None
    connection.leave()
    with pytest.raises(ClientDisconnect):
        await answering
    assert connection.leave is None


async def test_caller_who_went_before_the_answer_was_begun_ends_it_too() -> None:
    with pytest.raises(ClientDisconnect):
        await Connection(lost=True).answer(made=asyncio.Event())


async def test_caller_who_has_the_answer_is_watched_no_longer() -> None:
    connection, made = Connection(), asyncio.Event()
    made.set()
    assert await connection.answer(made=made) == "answered"
    assert connection.leave is None


async def test_task_can_go_on_after_the_caller_went_away() -> None:
    with pytest.raises(ClientDisconnect):
        await Connection(lost=True).answer(made=asyncio.Event())
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_server_that_stops_the_request_is_obeyed() -> None:
    connection, begun = Connection(), asyncio.Event()
    answering = asyncio.create_task(connection.answer(made=asyncio.Event(), begun=begun))
    await begun.wait()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering


async def test_program_that_calls_the_app_itself_gets_its_answer() -> None:
    with WhileCallerStays({"type": "http"}):
        await asyncio.sleep(0)
