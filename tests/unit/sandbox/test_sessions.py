"""Sessions by their keys: kept, handed on, ended, and never too many."""

import asyncio
import contextlib
from collections.abc import Iterator

import pytest
import structlog
from fake_sandbox import FakeSandbox

from retinue.sandbox.base import SandboxFault, SessionLost
from retinue.sandbox.sessions import Sessions
from retinue.testing import FakeClock

A, B, C = ("project", "a"), ("project", "b"), ("project", "c")


async def settled() -> None:
    """Let everything that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


async def used(sessions: Sessions, key: tuple[str, str]) -> int:
    """Use a session and return its number."""
    async with sessions.use(key) as held:
        async for _ in held.session.run("1"):
            pass
        return held.session.number  # type: ignore[attr-defined, no-any-return]


@contextlib.contextmanager
def warnings() -> Iterator[list[str]]:
    found: list[str] = []
    with structlog.testing.capture_logs() as logs:
        yield found
    found += [entry["event"] for entry in logs]


async def test_a_key_has_the_same_session_from_use_to_use() -> None:
    sessions = Sessions(FakeSandbox())
    assert [await used(sessions, key) for key in (A, B, A)] == [1, 2, 1]
    assert sessions.alive == 2


async def test_a_session_is_new_at_its_first_use_alone() -> None:
    sessions = Sessions(FakeSandbox())
    for is_new in (True, False):
        async with sessions.use(A) as held:
            assert held.is_new is is_new


async def test_users_of_one_key_come_in_the_order_of_asking() -> None:
    sessions = Sessions(FakeSandbox())
    order: list[int] = []

    async def use(number: int) -> None:
        async with sessions.use(A):
            order.append(number)
            await asyncio.sleep(0)
            order.append(number)

    await asyncio.gather(*map(use, range(3)))
    assert order == [0, 0, 1, 1, 2, 2]


async def test_sessions_that_are_opened_ahead_are_taken_and_made_up_for() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, warm=2)
    sessions.start()
    await settled()
    assert (sessions.alive, len(sandbox.sessions)) == (2, 2)
    sandbox.may_open.clear()
    assert await used(sessions, A) == 1
    sandbox.may_open.set()
    await settled()
    assert (sessions.alive, len(sandbox.sessions)) == (3, 3)


async def test_one_that_was_opened_ahead_and_broke_down_is_not_given() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, warm=2)
    sessions.start()
    await settled()
    for session in sandbox.sessions:
        session.is_lost = True
    assert await used(sessions, A) == 3


async def test_what_cannot_be_opened_ahead_is_tried_again_when_asked_for() -> None:
    sandbox = FakeSandbox()
    sandbox.fault = SandboxFault("no walls")
    sessions = Sessions(sandbox, warm=2)
    sessions.start()
    await settled()
    with pytest.raises(SandboxFault, match="no walls"):
        await used(sessions, A)
    await settled()
    assert (sandbox.tried, sessions.alive) == (3, 0)
    sandbox.fault = None
    await used(sessions, A)
    await settled()
    assert sessions.alive == 3


async def test_a_session_that_nobody_uses_for_too_long_is_ended() -> None:
    sandbox, clock = FakeSandbox(), FakeClock()
    sessions = Sessions(sandbox, idle_s=1_200, now=clock)
    await used(sessions, A)
    clock.advance(600)
    await used(sessions, B)
    clock.advance(599)
    sessions.end_idle()
    assert sessions.alive == 2
    clock.advance(1)
    sessions.end_idle()
    await settled()
    assert sandbox.open_ones == [2]
    assert await used(sessions, A) == 3


async def test_a_timer_ends_what_is_idle() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, idle_s=0.01)
    await used(sessions, A)
    async with asyncio.timeout(30):
        while sandbox.open_ones:  # the timer is what is tested
            await asyncio.sleep(0.005)
    assert sessions.alive == 0


async def test_a_session_in_use_is_not_idle() -> None:
    clock = FakeClock()
    sessions = Sessions(FakeSandbox(), idle_s=1_200, now=clock)
    await used(sessions, A)
    async with sessions.use(A) as held:
        clock.advance(5_000)
        sessions.end_idle()
        await settled()
        await held.session.files()
    assert await used(sessions, A) == 1


async def test_where_too_many_are_alive_the_one_goes_that_was_used_longest_ago() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, most=2)
    for key in (A, B, A):
        await used(sessions, key)
    assert await used(sessions, C) == 3
    assert sandbox.open_ones == [1, 3]


async def test_where_all_are_in_use_the_next_waits_for_a_place() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, most=1)
    async with sessions.use(A):
        waiting = asyncio.create_task(used(sessions, B))
        await settled()
        assert not waiting.done()
    assert await waiting == 2
    assert sandbox.open_ones == [2]


async def test_who_is_cancelled_while_waiting_takes_no_place() -> None:
    sessions = Sessions(FakeSandbox(), most=1)
    async with sessions.use(A):
        waiting = [asyncio.create_task(used(sessions, key)) for key in (A, B)]
        await settled()
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await used(sessions, A) == 1
    assert await used(sessions, C) == 2


async def test_one_opened_ahead_meanwhile_gives_way_to_who_waits() -> None:
    sandbox = FakeSandbox()
    sandbox.may_open.clear()
    sessions = Sessions(sandbox, most=1, warm=1)
    sessions.start()
    await settled()
    waiting = asyncio.create_task(used(sessions, A))
    await settled()
    sandbox.may_open.set()
    assert await waiting == 2


@pytest.mark.parametrize("fault", [SessionLost("lost"), ValueError("ours"), asyncio.CancelledError()])
async def test_a_use_that_is_broken_off_ends_its_session(fault: BaseException) -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox)
    with pytest.raises(type(fault)):
        async with sessions.use(A):
            raise fault
    await settled()
    assert (sandbox.open_ones, sessions.alive) == ([], 0)
    assert await used(sessions, A) == 2


async def test_a_session_is_ended_while_it_is_in_use() -> None:
    sessions = Sessions(FakeSandbox())
    async with sessions.use(A) as held:
        await sessions.end(A)
        with pytest.raises(SessionLost):
            await held.session.files()
    assert sessions.alive == 0
    assert await used(sessions, A) == 2


async def test_who_waits_for_a_session_that_is_ended_gets_none() -> None:
    sessions = Sessions(FakeSandbox())
    async with sessions.use(A):
        waiting = asyncio.create_task(used(sessions, A))
        await settled()
        await sessions.end(A)
    with pytest.raises(SessionLost):
        await waiting
    assert sessions.alive == 0


@pytest.mark.parametrize("ended", ["end", "close"])
async def test_a_session_that_is_ended_while_it_opens_is_closed(ended: str) -> None:
    sandbox = FakeSandbox()
    sandbox.may_open.clear()
    sessions = Sessions(sandbox)
    opening = asyncio.create_task(used(sessions, A))
    await settled()
    await (sessions.end(A) if ended == "end" else sessions.close())
    sandbox.may_open.set()
    with pytest.raises(SessionLost):
        await opening
    await settled()
    assert (len(sandbox.sessions), sandbox.open_ones) == (1, [])


async def test_the_end_of_what_is_not_there_is_no_error() -> None:
    await Sessions(FakeSandbox()).end(A)


async def test_closed_it_ends_all_and_opens_none() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, most=4, warm=2)
    sessions.start()
    await settled()
    await used(sessions, A)
    await sessions.close()
    await sessions.close()
    assert sandbox.open_ones == []
    with pytest.raises(SandboxFault, match="stops"):
        await used(sessions, A)


async def test_closed_it_sends_away_who_waits_for_a_place() -> None:
    sessions = Sessions(FakeSandbox(), most=1)
    async with sessions.use(A) as held:
        waiting = asyncio.create_task(used(sessions, B))
        await settled()
        await sessions.close()
        with pytest.raises(SessionLost):
            await held.session.files()
    with pytest.raises(SandboxFault):
        await waiting


async def test_when_all_sessions_are_lost_at_once_each_is_opened_anew() -> None:
    sandbox = FakeSandbox()
    sessions = Sessions(sandbox, warm=1)
    sessions.start()
    for key in (A, B):
        await used(sessions, key)
    for session in sandbox.sessions:
        session.is_lost = True
    for key in (A, B):
        with pytest.raises(SessionLost):
            await used(sessions, key)
        await used(sessions, key)
