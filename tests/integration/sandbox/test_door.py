"""What a door answers to those who have its key, and to those who don't."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from retinue.sandbox.base import SandboxFault, SessionLost
from retinue.sandbox.remote.protocol import MOST_BYTES, MOST_CODE, PROTOCOL, PROTOCOL_HEADER
from retinue.sandbox.remote.tenants import Bounds
from sandbox.doors import KEY, Scripted, Served, door_over, runners_at
from sandbox.sessions import ran

OURS = {"Authorization": f"Bearer {KEY}", PROTOCOL_HEADER: str(PROTOCOL)}


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    async with door_over(Scripted(), bounds=Bounds(sessions=2)) as served:
        yield served


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as http:
        yield http


@pytest.mark.parametrize("said", [None, "", "Bearer ", f"Bearer {KEY}x", f"Bearer {KEY[:-1]}", f"Basic {KEY}", KEY])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/about"), ("POST", "/sessions"), ("GET", "/sessions/x/files"), ("GET", "/nothing"), ("PUT", "/healthz/")],
)
async def test_a_stranger_is_told_nothing(
    served: Served, http: aiohttp.ClientSession, said: str | None, method: str, path: str
) -> None:
    headers = {PROTOCOL_HEADER: str(PROTOCOL)} if said is None else {**OURS, "Authorization": said}
    async with http.request(method, served.url + path, headers=headers) as answer:
        assert answer.status == 401
        assert (await answer.json()).keys() == {"error"}


async def test_anybody_may_ask_whether_it_is_up_and_learns_no_more(served: Served, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{served.url}/healthz") as answer:
        assert (answer.status, await answer.text()) == (200, "ok\n")


async def test_another_version_is_told_which_one_is_spoken(served: Served, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{served.url}/about", headers={**OURS, PROTOCOL_HEADER: "0"}) as answer:
        assert answer.status == 400
        assert f"speaks version {PROTOCOL}" in (await answer.json())["error"]


async def test_what_it_says_of_itself_counts_its_sessions(served: Served) -> None:
    async with runners_at(served.url) as runners:
        await runners.open()
        about = (await runners.about())[served.url]
        assert not isinstance(about, SandboxFault)
        assert (about.sessions, about.most_sessions, about.back_end) == (1, 2, "tests")


@pytest.mark.parametrize(("path", "most"), [("run", MOST_CODE), ("file?path=x", MOST_BYTES)])
async def test_a_body_that_is_too_large_is_refused(
    served: Served, http: aiohttp.ClientSession, path: str, most: int
) -> None:
    async with http.post(f"{served.url}/sessions", headers=OURS) as opened:
        session = f"{served.url}/sessions/{(await opened.json())['session']}"

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(most // (1 << 20) + 1):
            yield bytes(1 << 20)

    async with http.post(f"{session}/{path}", data=endless(), headers=OURS) as answer:
        assert answer.status == 413


@pytest.mark.parametrize("query", ["", "?", "?path", "?path=", "?other=x", "?path=x&path=y", "?path=" + "x" * 20_000])
async def test_a_query_that_is_no_path_is_refused(served: Served, http: aiohttp.ClientSession, query: str) -> None:
    async with http.post(f"{served.url}/sessions", headers=OURS) as opened:
        session = f"{served.url}/sessions/{(await opened.json())['session']}"
    async with http.put(f"{session}/file{query}", data=b"x", headers=OURS) as answer:
        assert answer.status == 422


async def test_a_second_call_of_a_session_at_work_is_refused_and_harms_neither() -> None:
    sandbox = Scripted()
    async with door_over(sandbox) as served, runners_at(served.url) as runners:
        session = await runners.open()
        first = asyncio.create_task(ran(session, "wait"))
        await sandbox.opened[0].begun.wait()
        for refused in (ran(session, "second"), session.files(), session.write("x", b"")):
            with pytest.raises(SandboxFault, match="one call at a time"):
                await refused
        sandbox.opened[0].go_on.set()
        assert (await first).text == "wait"
        assert (await ran(session, "third")).text == "third"


async def test_there_is_an_end_to_sessions(served: Served) -> None:
    async with runners_at(served.url) as runners:
        first, _ = await runners.open(), await runners.open()
        with pytest.raises(SandboxFault, match="as many sessions as it may have, 2"):
            await runners.open()
        await first.close()
        await runners.open()


async def test_a_session_that_breaks_down_amid_a_call_is_let_go() -> None:
    sandbox = Scripted()
    async with door_over(sandbox) as served, runners_at(served.url) as runners:
        session = await runners.open()
        with pytest.raises(SessionLost, match=r"It is lost\."):
            await ran(session, "lose")
        await sandbox.opened[0].closed.wait()
        assert len(served.tenants) == 0
        with pytest.raises(SessionLost):
            await ran(session, "1")


async def test_who_drains_lets_a_call_end_and_takes_no_other() -> None:
    sandbox = Scripted()
    async with door_over(sandbox) as served, runners_at(served.url) as runners:
        at_work, resting = await runners.open(), await runners.open()
        running = asyncio.create_task(ran(at_work, "wait"))
        await sandbox.opened[0].begun.wait()
        draining = asyncio.create_task(served.tenants.drain(30))
        with pytest.raises(SessionLost, match="about to end"):
            await ran(resting, "1")
        with pytest.raises(SandboxFault, match="about to end"):
            await runners.open()
        sandbox.opened[0].go_on.set()
        assert (await running).text == "wait"
        await draining
        assert all(session.closed.is_set() for session in sandbox.opened)


async def test_a_call_that_outlasts_the_drain_is_lost() -> None:
    sandbox = Scripted()
    async with door_over(sandbox) as served, runners_at(served.url) as runners:
        running = asyncio.create_task(ran(await runners.open(), "wait"))
        while not sandbox.opened:
            await asyncio.sleep(0)
        await sandbox.opened[0].begun.wait()
        await served.tenants.drain(0)
        with pytest.raises(SessionLost):
            await running
