"""Proxies: what they are told, tunnels through them, and what is told where they refuse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from models.http.servers import OK, Peer, Server, always_hi, client, posted, serving
from models.http.test_tls import certified
from retinue.models.http.client import (
    ConnectionLost,
    ConnectionRefused,
    InvalidAnswer,
    NoSuchHost,
    ProxyRefused,
    address_of,
)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


@asynccontextmanager
async def tunnelling(authority: trustme.CA, *, tls: bool = False) -> AsyncIterator[tuple[Server, Server, list[bytes]]]:
    """A server of TLS, a proxy that leads to it whatever is asked for, and what the proxy was asked."""
    asked: list[bytes] = []

    async def lead(peer: Peer) -> None:
        asked.append((await peer.asked())[0])
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        peer.send(b"HTTP/1.1 200 Connection Established\r\nContent-Length: 0\r\n\r\n")
        try:
            await asyncio.gather(_copied(peer.reader, writer), _copied(reader, peer.writer))
        finally:
            writer.transport.abort()

    context = certified(authority, "models.example", "localhost")
    async with (
        serving(always_hi, tls=context) as server,
        serving(lead, tls=certified(authority, "localhost") if tls else None) as proxy,
    ):
        yield server, proxy, asked


async def _copied(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(2**16):
        writer.write(piece)
        await writer.drain()
    writer.close()


def with_login(proxy: Server) -> str:
    return proxy.url.replace("://", "://me:pass%20word@")


async def test_a_request_over_http_is_handed_to_the_proxy_with_its_whole_address_and_the_login() -> None:
    seen: list[bytes] = []

    async def serve(peer: Peer) -> None:
        while True:
            seen.append((await peer.asked())[0])
            peer.send(OK)

    async with serving(serve) as proxy, client(proxy=address_of(with_login(proxy))) as asking:
        for _ in range(2):
            assert await posted(asking, "http://models.example:8080/v1") == (200, b"hi")
    assert len(proxy.peers) == 1
    assert seen[0].startswith(b"POST http://models.example:8080/v1 HTTP/1.1\r\nHost: models.example:8080\r\n")
    assert b"Proxy-Authorization: Basic bWU6cGFzcyB3b3Jk\r\n" in seen[0]


@pytest.mark.parametrize("tls", [False, True], ids=["http proxy", "https proxy"])
async def test_a_request_over_tls_goes_through_a_tunnel_of_which_the_proxy_sees_the_place_alone(
    tls: bool, authority: trustme.CA
) -> None:
    async with (
        tunnelling(authority, tls=tls) as (_, proxy, asked),
        client(proxy=address_of(with_login(proxy))) as asking,
    ):
        for _ in range(3):
            assert await posted(asking, "https://models.example/v1", b"x" * 300_000) == (200, b"hi")
    assert asked == [
        b"CONNECT models.example:443 HTTP/1.1\r\nHost: models.example:443\r\n"
        b"Proxy-Authorization: Basic bWU6cGFzcyB3b3Jk\r\n\r\n"
    ]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"HTTP/1.1 407 Login Needed\r\nContent-Length: 0\r\n\r\n", ProxyRefused, r"refused \(407 Login Needed\)"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", ProxyRefused, r"refused \(502 Bad Gateway\)"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", InvalidAnswer, "HTTP"),
        (b"HTTP/1.1 200", ConnectionLost, "lost"),
        (b"", ConnectionLost, "lost"),
    ],
)
async def test_a_proxy_that_makes_no_tunnel_is_told(answer: bytes, error: type[Exception], words: str) -> None:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(answer)

    async with serving(serve) as proxy, client(proxy=address_of(proxy.url)) as asking:
        with pytest.raises(error, match=words):
            await posted(asking, "https://models.example/v1")


@pytest.mark.parametrize(
    ("proxy", "error", "words"),
    [
        ("http://127.0.0.1:1", ConnectionRefused, "nothing listens at 127.0.0.1:1"),
        ("http://no-such-host.invalid", NoSuchHost, "there is no host 'no-such-host.invalid'"),
    ],
)
async def test_a_proxy_that_is_not_there_is_named(proxy: str, error: type[Exception], words: str) -> None:
    async with client(proxy=address_of(proxy)) as asking:
        with pytest.raises(error, match=words):
            await posted(asking, "https://models.example/v1")
