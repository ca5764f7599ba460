"""What people read where no answer came: each reason has its sentence, and says whether asking again helps."""

import ssl
from pathlib import Path

import pytest
import trustme

from models.http.servers import Peer, Serve, always_hi, serving
from retinue.core.errors import Blame, ModelFault
from retinue.models import ModelRequest
from retinue.models.openai import OpenAICompatible

HELLO = ModelRequest(model="m", messages=({"role": "user", "content": "Hello"},))
FAR = "https://models.example/v1"


async def fault(base_url: str, key: str | None = None, *, headers: dict[str, str] | None = None) -> ModelFault:
    model = OpenAICompatible(base_url, key, label="Acme", headers=headers)
    try:
        with pytest.raises(ModelFault) as caught:
            await model.stream(HELLO)
    finally:
        await model.close()
    return caught.value


def certified(*names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(*names).configure_cert(context)
    return context


async def test_a_certificate_that_nobody_vouches_for_is_told_as_such() -> None:
    async with serving(always_hi, tls=certified("localhost")) as server:
        told = await fault(server.url)
    assert "Acme could not be reached: its certificate is not to be trusted (" in told.message
    assert told.blame == "provider"


async def test_a_server_that_speaks_no_tls_is_told_as_such() -> None:
    async with serving(_speaks_plainly) as server:
        told = await fault(server.url.replace("http:", "https:"))
    assert "no secure connection came about; an address that begins with http:// speaks none." in told.message
    assert told.blame == "provider"


async def _speaks_plainly(peer: Peer) -> None:
    await peer.reader.read(1)
    peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def answering(answer: bytes) -> Serve:
    async def serve(peer: Peer) -> None:
        await peer.asked()
        peer.send(answer)

    return serve


@pytest.mark.parametrize(
    ("answer", "words", "blame"),
    [
        (b"HTTP/1.1 407 Login Needed\r\n\r\n", "the proxy on the way to it refused (407 Login Needed).", "provider"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy on the way to it refused (403 Forbidden).", "provider"),
        (b"HTTP/1.1 503 Busy\r\n\r\n", "the proxy on the way to it refused (503 Busy).", "moment"),
        (b"", "the connection was lost.", "moment"),
        (b"What?\r\n\r\n", "its answer is no valid HTTP.", "provider"),
    ],
)
async def test_a_proxy_that_makes_no_tunnel_is_told(
    answer: bytes, words: str, blame: Blame, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(answering(answer)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        told = await fault(FAR)
    assert words in told.message
    assert told.blame == blame


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("http://me:secret@127.0.0.1:1", "nothing listens at 127.0.0.1:1."),
        ("socks5://me:secret@127.0.0.1:1", "the proxy 'socks5://127.0.0.1:1' on the way to it is no address of http"),
        ("http://127.0.0.1:99999", "the proxy 'http://127.0.0.1:99999' on the way to it is no address of http"),
    ],
)
async def test_a_proxy_that_can_not_be_used_is_named_without_its_password(
    proxy: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    told = await fault(FAR)
    assert words in told.message
    assert "secret" not in told.message


async def test_a_key_that_holds_a_line_break_is_not_sent_and_not_told() -> None:
    told = await fault("http://127.0.0.1:1/v1", "sk-12345\r\nX: y")
    assert "the header 'Authorization' holds a line break" in told.message
    assert "sk-12345" not in told.message
    assert told.blame == "provider"


async def test_a_header_of_the_settings_that_would_change_the_bodys_length_is_not_sent() -> None:
    told = await fault("http://127.0.0.1:1/v1", headers={"Content-Length": "1"})
    assert "there can be no header 'Content-Length'" in told.message


async def test_a_certificate_of_ones_own_authority_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    authority.issue_cert("localhost").configure_cert(context)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    refusing = b"HTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n"
    async with serving(answering(refusing), tls=context) as server:
        told = await fault(server.url)
    assert told.message.startswith("Acme failed (500): Oh no.")
