"""More that hostile code tries, and what the server notices of it: next to nothing."""

import asyncio
import contextlib
import gc
import resource
import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from retinue.sandbox.base import Limits, SandboxFault, Session, SessionLost
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox import hostile_calls, hostile_frames
from sandbox.sessions import descendants, ran

SNIPPETS = hostile_calls.SNIPPETS | hostile_frames.SNIPPETS
LIMITS = Limits(call_s=3.0)
TICK_S = 0.01
LONGEST_S = 1.0
"""For which a server may not get to do anything else, on a machine that is busy."""
MOST_BYTES = 150 << 20
"""By which a server may grow: a few frames of the longest kind."""


@pytest.fixture
async def sandbox() -> AsyncIterator[ForkServer]:
    try:
        server = await ForkServer.start(LIMITS, libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    yield server
    await server.close()


@pytest.mark.parametrize("name", SNIPPETS)
async def test_a_server_hardly_notices_what_hostile_code_tries(sandbox: ForkServer, name: str) -> None:
    other, before = await sandbox.open(), set(descendants(sandbox.pid))
    session = await sandbox.open()
    async with unharmed():
        await tried(session, textwrap.dedent(SNIPPETS[name]))
        await session.close()
        assert (await ran(other, "6 * 7")).text == "42\n"
    while set(descendants(sandbox.pid)) - before:
        await asyncio.sleep(TICK_S)


async def tried(session: Session, code: str) -> None:
    """Run code, and then all that a server asks of a session: it answers or is lost, and nothing else."""
    with contextlib.suppress(SessionLost):
        done = await ran(session, code)
        assert "ESCAPE" not in done.text
        (done.text + str(done.error)).encode()
        assert all(chart.startswith(b"\x89PNG") for chart in done.charts)
        await ran(session, "1 + 1")
        assert (await ran(session, "2 + 2")).text in ("4\n", "")
        with contextlib.suppress(SandboxFault):
            for file in (await session.files())[:10]:
                with contextlib.suppress(SandboxFault):
                    await session.read(file.path)
        with contextlib.suppress(SandboxFault):
            await session.write("in.txt", b"x")


@asynccontextmanager
async def unharmed() -> AsyncIterator[None]:
    """Fail where the server stood still meanwhile, or grew."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            began = time.monotonic()
            await asyncio.sleep(TICK_S)
            longest = max(longest, time.monotonic() - began - TICK_S)

    gc.collect()
    had, ticking = _held(), asyncio.create_task(tick())
    yield
    ticking.cancel()
    assert longest < LONGEST_S
    gc.collect()
    assert _held() - had < MOST_BYTES


def _held() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
