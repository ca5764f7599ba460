"""Runners that are down, that hang, and that were broken into: their server bears it."""

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from retinue.sandbox.base import Limits, SandboxFault, SessionLost
from retinue.sandbox.remote import runner as runner_module
from retinue.sandbox.remote import session as session_module
from retinue.sandbox.remote.protocol import PROTOCOL
from sandbox.doors import Scripted, door_over, runners_at
from sandbox.sessions import ran

LIMITS = Limits(output_bytes=10_000, file_bytes=1_000)
ABOUT = {
    "protocol": PROTOCOL,
    "version": "1",
    "limits": {},
    "back_end": "x",
    "missing": [],
    "sessions": 0,
    "most_sessions": 9,
}
HEAD = struct.Struct(">cI")
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def saying(content: object, status: int = 200) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return web.Response(body=body, status=status)

    return answer


def streaming(*pieces: bytes, endless: bool = False, hangs: bool = False) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(OSError):
            for piece in pieces:
                await response.write(piece)
            while endless:
                await response.write(b"".join(pieces) * 100)
        if hangs:
            await asyncio.Event().wait()
        return response

    return answer


async def hanging(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


@contextlib.asynccontextmanager
async def fake(**answers: Answer) -> AsyncIterator[str]:
    """Serve what a runner does not say, and beside it what one does."""
    says = {"about": saying(ABOUT), "open": saying({"session": "x" * 32}), **answers}
    app = web.Application()
    app.router.add_get("/about", says["about"])
    app.router.add_post("/sessions", says["open"])
    for name, method, path in (("run", "POST", "run"), ("files", "GET", "files"), ("read", "GET", "file")):
        if name in says:
            app.router.add_route(method, f"/sessions/{{id}}/{path}", says[name])
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await web.SockSite(runner, listening).start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            await runner.cleanup()


def packed(kind: bytes, content: bytes) -> bytes:
    return HEAD.pack(kind, len(content)) + content


@pytest.mark.parametrize(
    "answer",
    [
        saying(b"garbage"),
        saying(b""),
        saying(b"[" * 100_000),
        saying(b"x" * (5 << 20)),
        saying({}),
        saying([]),
        saying({**ABOUT, "protocol": "1"}),
        saying({**ABOUT, "limits": {"call_s": "x"}}),
        saying({**ABOUT, "protocol": PROTOCOL + 1}),
        saying({"error": "no"}, 401),
        saying({"error": "no" * 100_000}, 500),
        saying(b"", 302),
    ],
)
async def test_what_is_no_runner_is_named_and_another_is_taken(answer: Answer) -> None:
    async with fake(about=answer) as bad, door_over(Scripted()) as good, runners_at(bad, good.url) as runners:
        assert (await ran(await runners.open(), "1")).text == "1"
    async with fake(about=answer) as bad, runners_at(bad) as runners:
        with pytest.raises(SandboxFault, match="no runner will") as raised:
            await runners.open()
        assert bad in raised.value.message
        assert len(raised.value.message) < 700


async def test_another_version_and_a_wrong_key_are_said_in_so_many_words() -> None:
    async with fake(about=saying({**ABOUT, "protocol": 7, "version": "9.9"})) as newer, runners_at(newer) as runners:
        with pytest.raises(SandboxFault, match=r"runs Retinue 9\.9, which speaks version 7"):
            await runners.open()
    async with door_over(Scripted()) as served, runners_at(served.url, key="another-key-of-tests") as runners:
        with pytest.raises(SandboxFault, match="RETINUE_RUNNER_KEY"):
            await runners.open()


@pytest.mark.parametrize("opened", [{}, {"session": 1}, {"session": ""}, {"session": "../../about"}, "x"])
async def test_a_session_without_a_name_is_none(opened: object) -> None:
    async with fake(open=saying(opened)) as bad, runners_at(bad) as runners:
        with pytest.raises(SandboxFault):
            await runners.open()


@pytest.mark.parametrize(
    "answer",
    [
        saying(b"garbage"),
        saying(b""),
        saying(b"<html>", 502),
        streaming(HEAD.pack(b"p", 0xFFFFFFFF)),
        streaming(HEAD.pack(b"d", (20 << 20) + 1)),
        streaming(HEAD.pack(b".", 1) + b"x"),
        streaming(packed(b"x", b"")),
        streaming(packed(b"p", b"\xff")),
        streaming(packed(b"e", b"[" * 100_000)),
        streaming(packed(b"e", b'{"left_out": "many"}')),
        streaming(packed(b"f", b"{}")),
        streaming(packed(b"p", b"cut")[:-1]),
        streaming(packed(b"p", b"no end")),
        streaming(packed(b"p", b"x" * 1_000), endless=True),
        streaming(packed(b"p", b""), endless=True),
        streaming(packed(b".", b""), endless=True),
        streaming(packed(b"d", b"x" * 100_000), endless=True),
        streaming(packed(b"d", b""), endless=True),
    ],
)
async def test_a_run_that_is_none_loses_the_session(answer: Answer) -> None:
    async with fake(run=answer) as bad, runners_at(bad, limits=LIMITS) as runners:
        session = await runners.open()
        with pytest.raises(SessionLost, match=bad):
            await ran(session, "1")
        with pytest.raises(SessionLost):
            await session.files()


async def test_what_is_kept_of_a_run_is_the_servers_to_say() -> None:
    pieces = (
        packed(b"p", b"x" * 9_000),
        packed(b"p", b"y" * 9_000),
        packed(b"e", json.dumps({"error": "z" * 99_999}).encode()),
    )
    async with fake(run=streaming(*pieces)) as bad, runners_at(bad, limits=LIMITS) as runners:
        kept = await ran(await runners.open(), "1")
    assert (kept.text, kept.left_out, len(str(kept.error))) == ("x" * 9_000 + "y" * 1_000, 8_000, 20_000)


@pytest.mark.parametrize("answer", [hanging, streaming(hangs=True), streaming(packed(b"p", b"1"), hangs=True)])
async def test_a_runner_that_hangs_amid_a_call_loses_the_session(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "SILENCE_S", 0.1)
    async with fake(run=answer) as bad, runners_at(bad) as runners:
        session = await runners.open()
        with pytest.raises(SessionLost, match="in time"):
            await ran(session, "1")


async def test_beats_without_end_are_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "_GRACE_S", 0.1)

    async def beating(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(OSError):
            while True:
                await response.write(packed(b".", b""))
                await asyncio.sleep(0.01)
        return response

    async with (
        fake(run=beating, about=saying({**ABOUT, "limits": {"call_s": 0.0}})) as bad,
        runners_at(bad) as runners,
    ):
        with pytest.raises(SessionLost, match="in time"):
            await ran(await runners.open(), "1")


async def test_a_runner_that_hangs_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "_ABOUT_S", 0.1)
    async with fake(about=hanging) as bad, door_over(Scripted()) as good, runners_at(bad, good.url) as runners:
        assert (await ran(await runners.open(), "1")).text == "1"


@pytest.mark.parametrize(
    "file",
    [
        {"path": "../x"},
        {"path": "/x"},
        {"path": ""},
        {"path": "a\0b"},
        {"path": "x" * 5_000},
        {"size": -1},
        {"size": 1 << 60},
        {"changed_ns": 1 << 63},
        {"path": 1},
    ],
)
async def test_files_that_cannot_be_are_not_believed(file: dict[str, object]) -> None:
    listed = {"files": [{"path": "x", "size": 1, "changed_ns": 1, **file}]}
    async with fake(files=saying(listed)) as bad, runners_at(bad) as runners:
        with pytest.raises(SessionLost):
            await (await runners.open()).files()


async def test_a_file_is_read_as_far_as_the_server_takes_one() -> None:
    async with fake(read=streaming(b"x" * 1_000, endless=True)) as bad, runners_at(bad, limits=LIMITS) as runners:
        with pytest.raises(SandboxFault, match="1,000 bytes"):
            await (await runners.open()).read("x")


async def test_sessions_are_spread_and_one_that_is_down_is_passed_over() -> None:
    one, two = Scripted(), Scripted()
    async with (
        door_over(one) as first,
        door_over(two) as second,
        runners_at("http://127.0.0.1:1", first.url, second.url) as runners,
    ):
        sessions = [await runners.open() for _ in range(4)]
        assert (len(one.opened), len(two.opened)) == (2, 2)
        await sessions[0].close()
        await runners.open()
        assert len(one.opened) == 3


async def test_where_all_are_down_each_is_named_with_its_reason() -> None:
    async with runners_at("http://127.0.0.1:1", "http://127.0.0.1:2/") as runners:
        with pytest.raises(SandboxFault) as raised:
            await runners.open()
    assert "http://127.0.0.1:1: nothing answers there" in raised.value.message
    assert "http://127.0.0.1:2: nothing answers there" in raised.value.message


@pytest.mark.parametrize(
    "url", ["", "runner:4748", "ftp://x", "http://", "http://user:pass@x", "http://x:99999", "http://x/?a=b"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SandboxFault, match="no address"):
        runner_module.checked_address(url)
