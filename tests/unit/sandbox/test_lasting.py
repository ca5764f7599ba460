"""A sandbox that breaks down is started again, and not again and again."""

import asyncio

import pytest
from fake_sandbox import FakeSandbox

from retinue.sandbox.base import SandboxFault
from retinue.sandbox.lasting import LastingSandbox
from retinue.testing import FakeClock


class Started:
    """Starts sandboxes, and keeps them."""

    def __init__(self) -> None:
        self.sandboxes: list[FakeSandbox] = []
        self.fault: SandboxFault | None = None
        self.may_start = asyncio.Event()
        self.may_start.set()
        self.clock = FakeClock()
        self.pauses: list[float] = []

    async def start(self) -> FakeSandbox:
        await self.may_start.wait()
        if self.fault:
            raise self.fault
        self.sandboxes.append(FakeSandbox())
        return self.sandboxes[-1]

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.advance(seconds)

    def sandbox(self) -> LastingSandbox:
        return LastingSandbox(self.start, pause_s=1.0, now=self.clock, pause=self.pause)


async def test_it_starts_with_the_first_session_and_once() -> None:
    started = Started()
    sandbox = started.sandbox()
    assert started.sandboxes == []
    await asyncio.gather(sandbox.open(), sandbox.open())
    assert [len(each.sessions) for each in started.sandboxes] == [2]


async def test_another_one_opens_the_session_where_it_broke_down() -> None:
    started = Started()
    sandbox = started.sandbox()
    await sandbox.open()
    started.clock.advance(60)
    started.sandboxes[0].break_down()
    await sandbox.open()
    assert [len(each.sessions) for each in started.sandboxes] == [1, 1]
    assert started.pauses == []


async def test_it_breaks_down_while_it_opens_a_session() -> None:
    started = Started()
    sandbox = started.sandbox()
    await sandbox.open()
    first = started.sandboxes[0]
    first.may_open.clear()
    opening = asyncio.create_task(sandbox.open())
    while first.tried < 2:
        await asyncio.sleep(0)
    first.break_down()
    first.may_open.set()
    await opening
    assert len(started.sandboxes[1].sessions) == 1


async def test_a_session_that_cannot_be_opened_leaves_the_others_alone() -> None:
    started = Started()
    sandbox = started.sandbox()
    await sandbox.open()
    started.sandboxes[0].fault = SandboxFault("no room")
    with pytest.raises(SandboxFault, match="no room"):
        await sandbox.open()
    assert len(started.sandboxes) == 1


async def test_starts_are_a_pause_apart() -> None:
    started = Started()
    sandbox = started.sandbox()
    started.fault = SandboxFault("no namespaces here")
    for _ in range(3):
        with pytest.raises(SandboxFault, match="no namespaces here"):
            await sandbox.open()
    assert started.pauses == [1.0, 1.0]


async def test_who_is_cancelled_leaves_the_start_to_the_others() -> None:
    started = Started()
    started.may_start.clear()
    sandbox = started.sandbox()
    first, second = asyncio.create_task(sandbox.open()), asyncio.create_task(sandbox.open())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    started.may_start.set()
    await second
    assert first.cancelled()
    assert len(started.sandboxes) == 1


async def test_closed_while_it_starts_it_opens_nothing() -> None:
    started = Started()
    started.may_start.clear()
    sandbox = started.sandbox()
    opening = asyncio.create_task(sandbox.open())
    await asyncio.sleep(0)
    await sandbox.close()
    with pytest.raises(SandboxFault, match="stops"):
        await opening
    with pytest.raises(SandboxFault, match="stops"):
        await sandbox.open()
