"""Sessions through a door: they are to their caller what those of this machine are."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from msgspec import structs

from retinue.sandbox.base import Ended, Limits, Printed, SandboxFault, Session, SessionLost
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox.doors import Scripted, door_over, runners_at, until
from sandbox.sessions import descendants, ran

LIMITS = Limits(output_bytes=10_000, memory_bytes=256 << 20, disk_bytes=40 << 20, file_bytes=1 << 20)


@contextlib.asynccontextmanager
async def fork_server() -> AsyncIterator[ForkServer]:
    try:
        server = await ForkServer.start(LIMITS, libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    try:
        yield server
    finally:
        await server.close()


@pytest.fixture
async def sandbox() -> AsyncIterator[ForkServer]:
    async with fork_server() as server:
        yield server


@pytest.fixture(params=["here", "through a door"])
async def session(sandbox: ForkServer, request: pytest.FixtureRequest) -> AsyncIterator[Session]:
    if request.param == "here":
        yield await sandbox.open()
        return
    async with door_over(sandbox, limits=LIMITS) as served, runners_at(served.url) as runners:
        yield await runners.open()


async def test_names_are_kept_and_values_shown(session: Session) -> None:
    assert (await ran(session, "numbers = [1, 2]\nsum(numbers)")).text == "3\n"
    assert (await ran(session, "numbers + [3]")).text == "[1, 2, 3]\n"


async def test_a_traceback_comes_through(session: Session) -> None:
    assert "ZeroDivisionError" in str((await ran(session, "1 / 0")).error)
    assert (await ran(session, "raise ValueError('\\udc80')")).error is not None


async def test_output_comes_while_the_code_runs(session: Session) -> None:
    code = (
        "import os, time\nprint('first', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('second')"
    )
    async with contextlib.aclosing(_run(session, "open('x', 'w').close()")) as outputs:
        assert [type(output) async for output in outputs] == [Ended]
    async with contextlib.aclosing(_run(session, code)) as outputs:
        assert await anext(outputs) == Printed("first\n")  # though the code waits for ever


async def test_output_beyond_the_bound_is_counted_and_not_kept(session: Session) -> None:
    flood = await ran(session, "print('x' * 50_000)")
    assert (len(flood.text), flood.left_out) == (10_000, 40_001)


async def test_files_go_in_and_come_out(session: Session) -> None:
    await session.write("in/ä &=?#%2F.csv", b"1,2")
    await session.write("in/ä &=?#%2F.csv", b",3", more=True)
    await session.write("empty", b"")
    await ran(session, "text = open('in/ä &=?#%2F.csv').read()\nopen('out.csv', 'w').write(text + ',4')")
    files = await session.files()
    assert [(file.path, file.size) for file in files] == [("empty", 0), ("in/ä &=?#%2F.csv", 5), ("out.csv", 7)]
    assert await session.read("out.csv") == b"1,2,3,4"
    assert await session.read("empty") == b""


async def test_a_file_is_taken_away(session: Session) -> None:
    await session.write("a/b.txt", b"1")
    await session.remove("a/b.txt")
    await session.remove("a/b.txt")
    assert await session.files() == []


async def test_a_name_that_is_no_text_is_listed_and_read(session: Session) -> None:
    await ran(session, "import os\nopen(b'\\xff.txt', 'w').write('odd')")
    assert [file.path for file in await session.files()] == ["\udcff.txt"]
    assert await session.read("\udcff.txt") == b"odd"


async def test_a_large_file_goes_in(session: Session) -> None:
    await session.write("large", b"x" * (30 << 20))
    assert (await ran(session, "import os\nos.path.getsize('large')")).text == f"{30 << 20}\n"


async def test_a_file_that_is_too_large_is_not_read(session: Session) -> None:
    await ran(session, "open('large', 'wb').write(bytes(2 << 20))")
    with pytest.raises(SandboxFault, match="more than"):
        await session.read("large")
    assert (await ran(session, "1")).text == "1\n"


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "/etc/passwd", "", "a//b", "a/./b", "..", "a\0b", "\ud800", "missing"]
)
async def test_what_is_no_file_of_the_sessions_own_is_neither_read_nor_lost_over(session: Session, path: str) -> None:
    with pytest.raises(SandboxFault) as raised:
        await session.read(path)
    assert not isinstance(raised.value, SessionLost)
    assert (await ran(session, "1")).text == "1\n"


async def test_a_closed_session_runs_nothing(session: Session, sandbox: ForkServer) -> None:
    before = set(descendants(sandbox.pid))
    await session.close()
    with pytest.raises(SandboxFault):
        await ran(session, "1")
    await until(lambda: set(descendants(sandbox.pid)) < before)


async def test_when_its_fork_server_dies_a_session_is_lost(session: Session, sandbox: ForkServer) -> None:
    sandbox.kill()
    with pytest.raises(SessionLost):
        await ran(session, "import time\ntime.sleep(5)")
    with pytest.raises(SessionLost):
        await session.files()


async def test_who_leaves_amid_a_call_ends_the_session_on_its_runner(sandbox: ForkServer) -> None:
    before = set(descendants(sandbox.pid))
    async with door_over(sandbox, limits=LIMITS) as served, runners_at(served.url) as runners:
        session = await runners.open()
        async with contextlib.aclosing(_run(session, "print(1, flush=True)\nwhile True: pass")) as outputs:
            await anext(outputs)
        await until(lambda: set(descendants(sandbox.pid)) == before)
        assert len(served.tenants) == 0
        with pytest.raises(SessionLost):
            await session.files()


async def test_a_call_that_is_cancelled_ends_the_session_on_its_runner() -> None:
    sandbox = Scripted()
    async with door_over(sandbox) as served, runners_at(served.url) as runners:
        session = await runners.open()
        running = asyncio.create_task(ran(session, "wait"))
        await sandbox.opened[0].begun.wait()
        running.cancel()
        await sandbox.opened[0].ended.wait()
        await sandbox.opened[0].closed.wait()


async def test_a_session_is_closed_amid_its_call() -> None:
    sandbox = Scripted()
    async with door_over(sandbox) as served, runners_at(served.url) as runners:
        session = await runners.open()
        running = asyncio.create_task(ran(session, "wait"))
        await sandbox.opened[0].begun.wait()
        await session.close()
        with pytest.raises(SessionLost, match="amid its call"):
            await running


async def test_a_silent_call_is_kept_alive_by_beats() -> None:
    sandbox = Scripted()
    async with door_over(sandbox, beat_s=0.01) as served, runners_at(served.url) as runners:
        session = await runners.open()
        running = asyncio.create_task(ran(session, "wait"))
        await sandbox.opened[0].begun.wait()
        await asyncio.sleep(0.1)
        sandbox.opened[0].go_on.set()
        assert (await running).text == "wait"


async def test_of_the_servers_limits_and_the_runners_the_lower_hold(sandbox: ForkServer) -> None:
    ours = structs.replace(LIMITS, output_bytes=100, file_bytes=1_000)
    async with door_over(sandbox, limits=LIMITS) as served, runners_at(served.url, limits=ours) as runners:
        session = await runners.open()
        flood = await ran(session, "print('ä' * 50_000)")
        assert (flood.text, flood.left_out) == ("ä" * 50, 99_901)
        await ran(session, "open('large', 'wb').write(bytes(2_000))")
        with pytest.raises(SandboxFault, match="1,000 bytes"):
            await session.read("large")
        assert (await ran(session, "1")).text == "1\n"


def _run(session: Session, code: str) -> AsyncGenerator[Printed | Ended]:
    running = session.run(code)
    assert isinstance(running, AsyncGenerator)
    return running
