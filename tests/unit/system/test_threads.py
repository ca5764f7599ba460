"""Work in threads is waited for, whoever loses patience."""

import asyncio
import threading
from collections.abc import AsyncIterator

import anyio
import pytest

from retinue.system.threads import finished

TURNS = 20  # of the loop


class Work:
    """Goes on in a thread until it is let end."""

    def __init__(self) -> None:
        self.let_end = threading.Event()
        self.has_ended = False

    def __call__(self) -> str:
        self.let_end.wait()
        self.has_ended = True
        return "done"


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    work = Work()
    yield work
    work.let_end.set()


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_it_returns_what_the_work_does(work: Work) -> None:
    work.let_end.set()
    assert await finished(asyncio.to_thread(work)) == "done"


async def test_it_raises_what_the_work_does() -> None:
    with pytest.raises(ZeroDivisionError):
        await finished(asyncio.to_thread(lambda: 1 // 0))


async def test_it_waits_for_the_work_however_often_it_is_cancelled(work: Work) -> None:
    waiting = asyncio.create_task(finished(asyncio.to_thread(work)))
    for _ in range(3):
        await turns()
        waiting.cancel()
    await turns()
    assert not waiting.done()
    work.let_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.has_ended


async def test_a_scope_that_cancels_in_every_turn_waits_too_and_does_not_spin(work: Work) -> None:
    task = asyncio.current_task()
    assert task

    async def cancellations() -> int:
        await turns()
        work.let_end.set()
        return task.cancelling()

    with anyio.CancelScope() as scope:
        counting = asyncio.create_task(cancellations())
        scope.cancel()
        await finished(asyncio.to_thread(work))
    assert work.has_ended
    assert await counting == 0
