"""TLS: whom it trusts, what it tells of itself, and how it fails."""

import asyncio
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from models.http.servers import Peer, always_hi, client, got, posted, serving
from retinue.models.http.client import CertificateRefused, ConnectTimeout, HTTPError, NotSecure


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """One that the client trusts, as a company's own is made known."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


def certified(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_who_is_vouched_for_is_asked_and_told_the_name_and_the_protocol(authority: trustme.CA) -> None:
    names: list[str | None] = []
    context = certified(authority, "localhost")
    context.set_alpn_protocols(["h2", "http/1.1"])
    context.sni_callback = lambda _, name, __: names.append(name)
    spoken: list[str | None] = []

    async def serve(peer: Peer) -> None:
        spoken.append(peer.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await always_hi(peer)

    async with serving(serve, tls=context) as server, client() as asking:
        for _ in range(3):
            assert await posted(asking, server.url, b"x" * 500_000) == (200, b"hi")
    assert (names, spoken) == (["localhost"], ["http/1.1"])


async def test_a_long_answer_is_held_back_over_tls_too(authority: trustme.CA) -> None:
    size = 16 * 1024 * 1024

    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size, bytes(size))
        await peer.left()

    async with serving(serve, tls=certified(authority, "localhost")) as server, client() as asking:
        response = await got(asking, server.url)
        while not response._connection._stands_still:
            await asyncio.sleep(0)
        for _ in range(1_000):
            await asyncio.sleep(0)
        assert len(response._framing.body) <= 1024 * 1024
        read = 0
        while piece := await response.read():
            read += len(piece)
        assert read == size


async def test_a_certificate_of_nobody_who_is_trusted_is_refused() -> None:
    async with serving(always_hi, tls=certified(trustme.CA(), "localhost")) as server, client() as asking:
        with pytest.raises(CertificateRefused, match=r"self-signed|unable to get local issuer"):
            await posted(asking, server.url)


async def test_a_certificate_for_another_name_is_refused(authority: trustme.CA) -> None:
    async with serving(always_hi, tls=certified(authority, "other.example")) as server, client() as asking:
        with pytest.raises(CertificateRefused, match="localhost"):
            await posted(asking, server.url)


async def test_a_certificate_that_is_over_is_refused(authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
    async with serving(always_hi, tls=context) as server, client() as asking:
        with pytest.raises(CertificateRefused, match="expired"):
            await posted(asking, server.url)


async def test_a_server_without_a_name_is_told_none_and_vouched_for_by_its_address(authority: trustme.CA) -> None:
    names: list[str | None] = []
    context = certified(authority, "127.0.0.1")
    context.sni_callback = lambda _, name, __: names.append(name)
    async with serving(always_hi, tls=context) as server, client() as asking:
        assert await posted(asking, server.url.replace("localhost", "127.0.0.1")) == (200, b"hi")
        with pytest.raises(CertificateRefused, match="localhost"):
            await posted(asking, server.url)
    assert names == [None, "localhost"]


async def test_whom_to_trust_is_found_out_beside_the_event_loop_and_once(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[threading.Thread] = []
    made = ssl.create_default_context

    def noted() -> ssl.SSLContext:
        found.append(threading.current_thread())
        return made()

    monkeypatch.setattr(ssl, "create_default_context", noted)
    async with serving(always_hi, tls=certified(authority, "localhost")) as server, client() as asking:
        await asyncio.gather(*(posted(asking, server.url) for _ in range(5)))
    assert len(found) == 1
    assert found[0] is not threading.main_thread()


async def test_a_server_that_speaks_no_tls_is_told() -> None:
    async def serve(peer: Peer) -> None:
        await peer.reader.read(1)
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.left()

    async with serving(serve) as server, client() as asking:
        with pytest.raises(NotSecure):
            await posted(asking, server.url.replace("http:", "https:"))


async def test_a_handshake_that_breaks_off_is_no_connection() -> None:
    async def serve(peer: Peer) -> None:
        await peer.reader.read(1)
        peer.abort()

    async with serving(serve) as server, client() as asking:
        with pytest.raises(HTTPError):
            await posted(asking, server.url.replace("http:", "https:"))


async def test_a_handshake_that_does_not_come_about_in_time_is_given_up() -> None:
    gone = asyncio.Event()

    async def serve(peer: Peer) -> None:
        await peer.left()
        gone.set()

    async with serving(serve) as server, client(connect_seconds=0.05) as asking:
        while not server.peers:  # on a slow machine not even the host's name is known in time
            with pytest.raises(ConnectTimeout):
                await posted(asking, server.url.replace("http:", "https:"))
        await gone.wait()


async def test_plain_http_to_a_server_of_tls_is_an_error(authority: trustme.CA) -> None:
    async with serving(always_hi, tls=certified(authority, "localhost")) as server, client() as asking:
        with pytest.raises(HTTPError):
            await posted(asking, server.url.replace("https:", "http:"))
