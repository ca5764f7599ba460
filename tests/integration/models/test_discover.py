import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from retinue.models import discover as discovery
from retinue.models.discover import LOCAL_SERVERS, FoundProvider, LocalServer, Serving, discover
from retinue.testing import FakeProvider

OPENAI_KEY = "sk-proj-" + "x" * 48
PASSED_OVER = "OPENAI_BASE_URL points at Retinue: that is for your programs, and is passed over here."


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers does so in time, on the slowest machine."""
    monkeypatch.setattr(discovery, "_PROBE_SECONDS", 60.0)


async def serving(
    *servers: LocalServer,
    base_url: str | None = None,
    api_key: str | None = None,
    model: str | None = None,
    own: tuple[str, ...] = (),
) -> Serving:
    return await discover(base_url, api_key, model, own_addresses=own, local_servers=servers)


def served_by(found: Serving) -> str:
    assert found.endpoint is not None
    return found.endpoint.base_url


@asynccontextmanager
async def listening(answer: bytes) -> AsyncIterator[LocalServer]:
    """Something else on the port: it sends these bytes to whoever speaks first, and waits."""
    over = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await over.wait()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield LocalServer("Other", server.sockets[0].getsockname()[1])
        over.set()


def listing(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


async def test_a_base_url_serves() -> None:
    found = await serving(base_url="https://me:secret@models.example.com/v1", model="big")
    assert served_by(found) == "https://me:secret@models.example.com/v1"
    assert found.label == "models.example.com"
    assert found.why == (
        "OPENAI_BASE_URL is set: https://models.example.com/v1 serves;"
        " OPENAI_MODEL=big serves every model name it does not have."
    )


async def test_a_key_alone_means_openai() -> None:
    found = await serving(api_key="sk-x")
    assert served_by(found) == "https://api.openai.com/v1"
    assert found.label == "OpenAI"
    assert found.why == "OPENAI_API_KEY is set: https://api.openai.com/v1 serves."


async def test_settings_go_before_local_servers() -> None:
    async with FakeProvider() as ollama:
        found = await serving(LocalServer("Ollama", ollama.port), api_key="sk-x")
    assert found.label == "OpenAI"
    assert ollama.listings == 0


async def test_without_anything_rehearsal_serves() -> None:
    found = await serving(LocalServer("Ollama", 1), base_url="", api_key="", model="gpt-4o")
    assert found.endpoint is None
    assert found.label == "rehearsal"
    assert "is no language model" in found.why


async def test_a_local_server_serves_its_first_chat_model_for_every_name() -> None:
    async with FakeProvider(models=("nomic-embed-text", "llama3.2:latest", "qwen3")) as ollama:
        found = await serving(LocalServer("Ollama", ollama.port))
    assert found.why == (
        f"Ollama answers on this machine (http://127.0.0.1:{ollama.port}):"
        " llama3.2:latest serves every model name it does not have."
    )
    assert found.label == "Ollama"
    assert found.endpoint == FoundProvider(
        name="ollama",
        label="Ollama",
        base_url=f"http://127.0.0.1:{ollama.port}/v1",
        default_model="llama3.2:latest",
    )


@pytest.mark.parametrize(("model", "default"), [("qwen3", "qwen3"), ("gpt-4o", "llama3.2"), ("", "llama3.2")])
async def test_the_model_setting_chooses_among_what_a_local_server_has(model: str, default: str) -> None:
    async with FakeProvider(models=("llama3.2", "qwen3")) as ollama:
        found = await serving(LocalServer("Ollama", ollama.port), model=model)
    assert f": {default} serves every" in found.why


async def test_the_first_local_server_in_order_is_preferred() -> None:
    async with FakeProvider() as first, FakeProvider() as second:
        found = await serving(LocalServer("A", first.port), LocalServer("B", second.port))
    assert found.label == "A"


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        listing(b"<html>"),
        listing(b"{}"),
        listing(b'{"object":"list","data":[]}'),
        listing(b'{"object":"list","data":[{"name":"x"}]}'),
        listing(b'{"object":"page","data":[{"id":"x"}]}'),
        listing(b'{"data":[{"id":"x"}]}'),
        listing(b'[{"id":"x"}]'),
        listing(b'{"object":"list","data":[{"id":"text-embedding-3"}]}'),
        listing(b'{"object":"list","data":[{"id":"rehearsal"},{"id":"gpt-4o"}]}'),
        listing(b'{"object":"list","data":[{"id":"%s"}]}' % (b"x" * 2_000_000)),
        b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_another_kind_of_server_is_not_mistaken(answer: bytes) -> None:
    async with listening(answer) as other:
        found = await serving(other)
    assert found.endpoint is None


async def test_a_server_that_keeps_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_PROBE_SECONDS", 0.1)
    async with listening(b"") as one, listening(b"HTTP/1.1 200 OK\r\n") as other, asyncio.timeout(60):
        assert (await serving(one, other)).endpoint is None


async def test_probes_go_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeProvider() as proxy, FakeProvider() as ollama:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        found = await serving(LocalServer("Ollama", ollama.port))
    assert found.label == "Ollama"
    assert proxy.listings == 0


@pytest.mark.parametrize(
    ("base_url", "own"),
    [
        ("http://localhost:8000/v1", "127.0.0.1:8000"),
        ("http://127.0.0.1:8000/v1/", "localhost:8000"),
        ("http://[::1]:8000/v1", "0.0.0.0:8000"),
        ("http://retinue.example.com/v1", "retinue.example.com:80"),
    ],
)
async def test_a_base_url_that_points_back_here_is_passed_over(base_url: str, own: str) -> None:
    found = await serving(base_url=base_url, api_key="any", own=(own,))
    assert found.endpoint is None
    assert found.why.startswith(f"{PASSED_OVER} No key")


async def test_a_key_of_openai_is_used_even_beside_a_base_url_that_points_back_here() -> None:
    found = await serving(base_url="http://localhost:8000/v1", api_key=OPENAI_KEY, own=("127.0.0.1:8000",))
    assert served_by(found) == "https://api.openai.com/v1"
    assert found.why.startswith(PASSED_OVER)


async def test_a_key_of_retinue_never_goes_to_openai() -> None:
    key = f"sk-retinue-{'x' * 48}"
    for base_url in (None, "http://localhost:8000/v1"):
        found = await serving(base_url=base_url, api_key=key, own=("127.0.0.1:8000",))
        assert found.endpoint is None
        assert "OPENAI_API_KEY is a key of Retinue's" in found.why


async def test_a_key_of_retinue_goes_where_a_base_url_sends_it() -> None:
    found = await serving(base_url="http://box.example/v1", api_key=f"sk-retinue-{'x' * 48}")
    assert served_by(found) == "http://box.example/v1"


@asynccontextmanager
async def greeting(text: str) -> AsyncIterator[str]:
    """A web server on this machine that answers `GET /` with a text; yields its base URL."""
    app = web.Application()

    async def root(_: web.Request) -> web.Response:
        return web.Response(text=text)

    app.router.add_get("/", root)
    async with TestServer(app) as server:
        yield f"http://127.0.0.1:{server.port}/v1"


async def test_another_retinue_on_this_machine_is_passed_over() -> None:
    async with greeting("Retinue serves here.\n") as base_url:
        found = await serving(base_url=base_url, api_key="any")
    assert found.endpoint is None
    assert found.why.startswith(PASSED_OVER)


async def test_a_server_with_another_greeting_serves() -> None:
    async with greeting("Ollama is running") as base_url:
        found = await serving(base_url=base_url)
    assert served_by(found) == base_url


async def test_a_base_url_on_another_port_of_this_machine_is_another_server() -> None:
    found = await serving(base_url="http://localhost:8001/v1", own=("127.0.0.1:8000",))
    assert served_by(found) == "http://localhost:8001/v1"


async def test_this_servers_own_port_is_not_probed() -> None:
    async with FakeProvider() as itself:
        found = await serving(LocalServer("Ollama", itself.port), own=(f"0.0.0.0:{itself.port}",))
    assert found.endpoint is None
    assert itself.listings == 0


async def test_an_address_that_makes_no_sense_is_left_to_the_first_call() -> None:
    assert served_by(await serving(base_url="http://[", own=("127.0.0.1:8000",))) == "http://["


def test_the_usual_ports_are_probed() -> None:
    assert [(server.label, server.port) for server in LOCAL_SERVERS] == [
        ("Ollama", 11434),
        ("LM Studio", 1234),
        ("llama.cpp", 8080),
    ]
