"""Sessions over a real fork server: whatever is killed, the next use has one that works."""

import os
from collections.abc import AsyncIterator

import pytest

from retinue.sandbox.base import Limits, SandboxFault, SessionLost
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.lasting import LastingSandbox
from retinue.sandbox.readable import readable
from retinue.sandbox.sessions import Sessions
from retinue.testing import FakeClock
from sandbox.sessions import descendants, killed, ran

A, B, C = ("default", "a"), ("default", "b"), ("default", "c")
LIMITS = Limits(memory_bytes=256 << 20, disk_bytes=16 << 20)


class World:
    """Sessions, their fork servers, and a clock."""

    def __init__(self) -> None:
        self.servers: list[ForkServer] = []
        self.clock = FakeClock()
        self.sandbox = LastingSandbox(self._start, pause_s=0)
        self.sessions = Sessions(self.sandbox, most=2, warm=0, now=self.clock)

    async def run(self, key: tuple[str, str], code: str) -> str:
        """Use a session as the tool does, which tries again where it is lost."""
        try:
            return await self._run(key, code)
        except SessionLost:
            return await self._run(key, code)

    def processes(self) -> set[int]:
        return set(descendants(self.servers[-1].pid))

    async def _run(self, key: tuple[str, str], code: str) -> str:
        async with self.sessions.use(key) as held:
            done = await ran(held.session, code)
            return done.error or done.text

    async def _start(self) -> ForkServer:
        try:
            self.servers.append(await ForkServer.start(LIMITS, libraries=[], readable=readable()))
        except SandboxFault as fault:
            pytest.skip(f"this machine has no namespaces: {fault}")
        return self.servers[-1]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    yield world
    await world.sessions.close()
    await world.sandbox.close()


async def test_names_are_kept_and_keys_are_apart(world: World) -> None:
    await world.run(A, "x = 1")
    assert "NameError" in await world.run(B, "x")
    assert await world.run(A, "x") == "1\n"


async def test_a_server_whose_files_are_nobody_elses_opens_sessions(world: World) -> None:
    before = os.umask(0o077)
    try:
        assert await world.run(A, "1 + 1") == "2\n"
    finally:
        os.umask(before)


@pytest.mark.parametrize("victim", [0, 1])
async def test_a_process_of_a_session_is_killed_and_others_do_not_notice(world: World, victim: int) -> None:
    await world.run(A, "x = 1")
    before = world.processes()
    await world.run(B, "x = 2")
    keeper_and_worker = sorted(world.processes() - before)
    await killed([keeper_and_worker[victim]], taken_along=keeper_and_worker[1:] if victim == 0 else ())
    assert "anew" in (said := await world.run(B, "2 + 2")) or said == "4\n"
    assert await world.run(B, "2 + 2") == "4\n"
    assert await world.run(A, "x") == "1\n"
    assert len(world.servers) == 1


async def test_the_fork_server_is_killed_and_each_session_is_opened_anew(world: World) -> None:
    for key in (A, B):
        await world.run(key, "x = 1")
    await killed([world.servers[0].pid], taken_along=world.processes())
    for key in (A, B):
        assert "NameError" in await world.run(key, "x")
    assert len(world.servers) == 2
    assert world.sessions.alive == 2


async def test_twenty_minutes_without_use_end_a_session_and_its_processes(world: World) -> None:
    await world.run(A, "x = 1")
    before = world.processes()
    await world.run(B, "x = 1")
    world.clock.advance(600)
    await world.run(A, "x")
    world.clock.advance(600)
    world.sessions.end_idle()
    await world.sessions.end(B)  # and what it began has ended
    assert world.sessions.alive == 1
    assert await world.run(A, "x") == "1\n"
    assert before <= world.processes()


async def test_the_one_that_was_used_longest_ago_makes_room(world: World) -> None:
    for key in (A, B, A, C):
        await world.run(key, "x = 1")
    assert world.sessions.alive == 2
    assert await world.run(A, "x") == "1\n"
    assert "NameError" in await world.run(B, "x")
