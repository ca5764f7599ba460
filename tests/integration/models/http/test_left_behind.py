"""What a request leaves behind, however it ends: no open file, nothing that only a search for cycles would find."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme

from models.http.servers import OK, Peer, always_hi, client, got, posted, serving, whole
from models.http.test_tls import certified
from retinue.models.http.client import Client, HTTPError

TIMES = 10
HALF = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"

Request = Callable[[Client, str], Awaitable[object]]


async def asked(asking: Client, url: str) -> None:
    with suppress(HTTPError):
        await posted(asking, url)


async def begun(asking: Client, url: str) -> None:
    response = await got(asking, url)
    await response.read()
    response.close()


async def failed(asking: Client, url: str) -> None:
    response = await got(asking, url)
    response.fail(TimeoutError())
    with suppress(TimeoutError):
        await whole(response)


async def cancelled(asking: Client, url: str) -> None:
    for turns in (0, 1, 2, 3, 5, 10, 50):
        task = asyncio.ensure_future(asking.send(asking.request("POST", url), b"x" * 500_000, seconds=60))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def answering(answer: bytes, *, ends: bool = False) -> Callable[[Peer], Awaitable[None]]:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(answer)
        if not ends:
            await (always_hi(peer) if answer == OK else peer.left())

    return serve


@asynccontextmanager
async def left_behind() -> AsyncIterator[set[str]]:
    """Yield what will be the types of ours that are left in cycles."""
    left: set[str] = set()
    gc.collect()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield left
        for _ in range(10):
            await asyncio.sleep(0)  # what was closed has its turns
        gc.collect()
        left |= {type(thing).__qualname__ for thing in gc.garbage if type(thing).__module__.startswith("retinue.")}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    ("request_", "answer", "ends"),
    [
        (asked, OK, False),
        (asked, b"", True),
        (asked, HALF, True),
        (asked, b"SSH-2.0\r\n", False),
        (asked, HALF + b"zz\r\n", False),
        (begun, HALF, False),
        (begun, HALF + b"zz\r\n", False),
        (failed, HALF, False),
    ],
)
async def test_nothing_is_left_of_a_request(
    request_: Request, answer: bytes, ends: bool, tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = certified(authority, "localhost") if tls else None
    async with serving(answering(answer, ends=ends), tls=context) as server, client() as asking:
        await request_(asking, server.url)
        async with left_behind() as left:
            for _ in range(TIMES):
                await request_(asking, server.url)
        assert left == set()
        while len(asking._pool._open) > sum(map(len, asking._pool._resting.values())):
            await asyncio.sleep(0)


@pytest.mark.skipif(sys.platform != "linux", reason="open files are counted in /proc")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_no_file_stays_open_of_requests_that_are_given_up(
    tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    context = certified(authority, "localhost") if tls else None
    async with serving(answering(b""), tls=context) as server, client() as asking:
        await cancelled(asking, server.url)
        before = await settled()
        for _ in range(TIMES):
            await cancelled(asking, server.url)
        while await settled() > before:
            await asyncio.sleep(0)
        assert not asking._pool._open


async def settled() -> int:
    """Return how many files are open, once what was closed has had its turns."""
    for _ in range(10):
        await asyncio.sleep(0)
    return len(list(Path("/proc/self/fd").iterdir()))
