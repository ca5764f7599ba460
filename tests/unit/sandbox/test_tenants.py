"""The sessions that a door keeps: who may use them, and for how long they rest."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from retinue.sandbox.base import Ended, Kept, Output, SandboxFault, Session, SessionLost
from retinue.sandbox.remote.tenants import Bounds, Busy, Full, Tenants
from retinue.testing import FakeClock


class Fake:
    """A sandbox, and each of its sessions."""

    def __init__(self) -> None:
        self.closed = 0
        self.may_open = asyncio.Event()
        self.may_open.set()

    async def open(self) -> Session:
        await self.may_open.wait()
        return self

    async def run(self, code: str) -> AsyncIterator[Output]:
        yield Ended()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None: ...

    async def read(self, path: str) -> bytes:
        return b""

    async def remove(self, path: str) -> None: ...

    async def files(self) -> list[Kept]:
        return []

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def sandbox() -> Fake:
    return Fake()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def tenants(sandbox: Fake, clock: FakeClock) -> Tenants:
    return Tenants(sandbox, Bounds(sessions=2, idle_s=60), clock=clock)


async def test_a_session_that_rests_for_too_long_is_ended(tenants: Tenants, sandbox: Fake, clock: FakeClock) -> None:
    used, unused = await tenants.open(), await tenants.open()
    clock.advance(50)
    async with tenants.used(used):
        pass
    clock.advance(20)
    await tenants.end_idle()
    assert (len(tenants), sandbox.closed) == (1, 1)
    tenants.take(used)
    with pytest.raises(SessionLost):
        tenants.take(unused)


async def test_a_session_at_work_does_not_rest(tenants: Tenants, clock: FakeClock) -> None:
    async with tenants.used(await tenants.open()):
        clock.advance(100)
        await tenants.end_idle()
        assert len(tenants) == 1
    await tenants.end_idle()
    assert len(tenants) == 1


async def test_sessions_that_are_being_opened_count(tenants: Tenants, sandbox: Fake) -> None:
    sandbox.may_open.clear()
    opening = [asyncio.create_task(tenants.open()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Full):
        await tenants.open()
    sandbox.may_open.set()
    assert len(set(await asyncio.gather(*opening))) == 2


async def test_a_session_that_opens_while_all_ends_is_closed(tenants: Tenants, sandbox: Fake) -> None:
    sandbox.may_open.clear()
    opening = asyncio.create_task(tenants.open())
    await asyncio.sleep(0)
    await tenants.drain(0)
    sandbox.may_open.set()
    with pytest.raises(Full):
        await opening
    assert sandbox.closed == 1


async def test_one_call_at_a_time(tenants: Tenants) -> None:
    id_ = await tenants.open()
    async with tenants.used(id_):
        with pytest.raises(Busy):
            tenants.take(id_)
    tenants.take(id_)


@pytest.mark.parametrize(
    ("raised", "is_kept"), [(SandboxFault("no"), True), (SessionLost("gone"), False), (ValueError(), False)]
)
async def test_a_session_is_let_go_where_nobody_knows_its_state(
    tenants: Tenants, raised: Exception, is_kept: bool
) -> None:
    id_ = await tenants.open()
    with pytest.raises(type(raised)):
        async with tenants.used(id_):
            raise raised
    assert len(tenants) == is_kept


async def test_names_of_sessions_are_not_guessed(tenants: Tenants) -> None:
    names = {await tenants.open(), await tenants.open()}
    assert len(names) == 2
    assert all(len(name) == 32 for name in names)
