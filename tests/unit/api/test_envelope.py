"""What surrounds every request: names of hosts, sentences for what isn't there, and faults that tell nothing inside."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from retinue.api import build_api
from retinue.api.envelope import Envelope
from retinue.blobs.memory import MemoryBlobs
from retinue.core.errors import StoreFault
from retinue.core.key import hash_of, new_key
from retinue.core.usage import Usage
from retinue.engine import Engine, Limits
from retinue.gateway import AnyToken, KeyAccess
from retinue.models import Finished
from retinue.models.rehearsal import Rehearsal
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.testing import FakeClock

HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def error(self) -> dict[str, Any]:
        error: dict[str, Any] = msgspec.json.decode(self.raw)["error"]
        return error


async def ask(
    app: ASGIApp,
    path: str,
    *,
    method: str = "GET",
    query: str = "",
    host: str | None = "localhost",
    token: str | None = "sk-any",
) -> Answer:
    """Call the app as a server would."""
    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    if host is not None:
        headers.append((b"host", host.encode("latin-1")))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 4747),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    (start,) = [message for message in sent if message["type"] == "http.response.start"]
    body = b"".join(message.get("body", b"") for message in sent)
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body)


async def free(_finished: Finished, _usage: Usage) -> float | None:
    return None


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    yield opened
    await opened.close()


@pytest.fixture
def api(store: Store) -> ASGIApp:
    """The whole API, without a server before it."""
    model = Rehearsal(None)
    engine = Engine(store, MemoryBlobs(), model, clock=FakeClock(), limits=Limits(), price=free)
    return build_api(engine, model, KeyAccess(store.keys), hosts=HOSTS)


def raising(error: Exception, *, begun: bool = False) -> ASGIApp:
    """An API whose inside fails, perhaps when the answer has begun."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"so far", "more_body": True})
        raise error

    return Envelope(app, hosts=HOSTS, access=AnyToken())


# Names


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "LocalHost:80",
        "localhost:123",
        "localhost:",
        "127.0.0.1",
        "127.0.0.1:4747",
        "[::1]",
        "[::1]:80",
        "",
        None,
    ],
)
async def test_a_host_of_our_own_is_answered(api: ASGIApp, host: str | None) -> None:
    assert (await ask(api, "/healthz", host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.com",
        "evil.com:4747",
        "[::1].evil.com",
        "[::1].evil.com:80",
        "[::1]:80.evil.com",
        "[::1]evil.com",
        "evil.com[::1]",
        "[::2]",
        "::1",
        "[::1",
        "localhost.",
        "localhost.:80",
        "localhost.evil.com",
        "localhost:80:80",
        "localhost:80.evil.com",
        "localhost:evil.com",
        "evil@localhost",
        "127.0.0.1.evil.com",
        "127.0.0.2",
        "127.1",
        "0.0.0.0",
        ":80",
        "localhost, evil.com",
        "löcalhost",
    ],
)
async def test_a_host_that_is_not_ours_is_refused(api: ASGIApp, host: str) -> None:
    answer = await ask(api, "/healthz", host=host)
    assert (answer.status, answer.error["code"]) == (421, "wrong_host")


async def test_a_refused_host_is_told_what_to_do(api: ASGIApp) -> None:
    error = (await ask(api, "/healthz", host="box.local:4747")).error
    assert error["message"] == (
        "This server doesn't answer to the name 'box.local'. "
        "Call it by its address, or start it with RETINUE_HOSTS naming this one."
    )


async def test_any_name_will_do_where_keys_are_asked_for(store: Store, api: ASGIApp) -> None:
    key, text = new_key(name="", project="default", at=0)
    assert (await ask(api, "/v1/assistants", host="box.local")).status == 421
    await store.keys.insert(key, hash_of(text))
    assert (await ask(api, "/v1/assistants", host="box.local")).status == 401
    assert (await ask(api, "/v1/assistants", host="box.local", token=text)).status == 200
    assert (await ask(api, "/healthz", host="box.local")).status == 200


# What isn't there


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions/chatcmpl-1", "/v1/responses", "/v1/conversations/conv_1/items", "/v1/batches"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_path_that_is_not_served_yet_says_so(api: ASGIApp, method: str, path: str) -> None:
    answer = await ask(api, path, method=method)
    assert answer.status == 404
    assert answer.error == {
        "message": f"Retinue does not serve {path} yet. "
        "Let that part of your program call its provider: give it a base_url.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@pytest.mark.parametrize(
    "path", ["/v1/filesystem", "/chat/completions", "/v1", "/v1/nothing", "/v1/threads/", "//v1/files"]
)
async def test_a_path_that_nobody_knows_is_told_to_be_unknown(api: ASGIApp, path: str) -> None:
    answer = await ask(api, path)
    assert answer.status == 404
    assert answer.error["message"] == (
        f"Unknown request URL: GET {path}. Check the URL for typos; the API's paths begin with /v1."
    )


async def test_a_method_that_a_path_does_not_have_is_told(api: ASGIApp) -> None:
    answer = await ask(api, "/v1/assistants", method="PUT")
    assert answer.status == 405
    assert answer.error["message"] == "Not allowed to PUT on /v1/assistants. Try another method."
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_methods_of_a_path_are_not_those_of_one_that_looks_like_it(api: ASGIApp) -> None:
    assert (await ask(api, "/v1/threads/runs", method="PUT")).headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/openapi.json", "/v1/openapi.json"])
async def test_the_document_of_the_api_is_for_everyone(api: ASGIApp, path: str) -> None:
    answer = await ask(api, path, token=None)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["x-request-id"]
    assert msgspec.json.decode(answer.raw)["openapi"] == "3.1.0"


async def test_the_document_of_the_api_is_not_for_strange_hosts(api: ASGIApp) -> None:
    assert (await ask(api, "/openapi.json", host="evil.example")).status == 421


async def test_a_path_with_braces_is_told_as_it_is(api: ASGIApp) -> None:
    assert "GET /{method}{0}." in (await ask(api, "/{method}{0}")).error["message"]


async def test_a_path_of_any_length_is_told_within_bounds(api: ASGIApp) -> None:
    answer = await ask(api, f"/{'x' * 50_000}")
    assert answer.status == 404
    assert len(answer.raw) < 500


# Faults


async def test_what_nobody_expected_is_a_500_with_the_requests_id_and_no_trace() -> None:
    answer = await ask(raising(RuntimeError("a secret of ours")), "/v1/assistants")
    assert (answer.status, answer.error["type"]) == (500, "server_error")
    assert answer.headers["x-request-id"] in answer.error["message"]
    for word in ("secret", "RuntimeError", "Traceback"):
        assert word not in answer.raw.decode()


async def test_a_fault_of_the_store_is_told_in_its_own_words() -> None:
    answer = await ask(raising(StoreFault("The database is gone.")), "/v1/assistants")
    assert (answer.status, answer.error["message"]) == (500, "The database is gone.")


async def test_nothing_is_added_to_an_answer_that_has_begun() -> None:
    answer = await ask(raising(RuntimeError("late"), begun=True), "/v1/assistants")
    assert (answer.status, answer.raw) == (200, b"so far")


@pytest.mark.parametrize(("path", "host"), [("/healthz", "localhost"), ("/nothing", "localhost"), ("/", "evil.com")])
async def test_every_answer_bears_the_promised_headers(api: ASGIApp, path: str, host: str) -> None:
    headers = (await ask(api, path, host=host)).headers
    assert headers["x-request-id"].startswith("req_")
    assert headers["openai-processing-ms"].isdigit()
    assert headers["openai-version"] == "2020-10-01"


async def test_no_two_requests_have_the_same_id(api: ASGIApp) -> None:
    ids = [(await ask(api, "/healthz")).headers["x-request-id"] for _ in range(5)]
    assert len(set(ids)) == 5


# Limits of pages


@pytest.mark.parametrize("limit", ["1_0", "١", "%D9%A1", "１０", "1e1", "0x10", "1.0", "%201", "1%20", "1%0A", "++1"])
async def test_a_limit_that_is_no_plain_integer_is_refused(api: ASGIApp, limit: str) -> None:
    answer = await ask(api, "/v1/assistants", query=f"limit={limit}")
    assert answer.status == 400
    assert (answer.error["param"], answer.error["code"]) == ("limit", "invalid_type")


@pytest.mark.parametrize("limit", ["1", "010", "%2B1", "100"])
async def test_a_limit_that_is_a_plain_integer_is_taken(api: ASGIApp, limit: str) -> None:
    assert (await ask(api, "/v1/assistants", query=f"limit={limit}")).status == 200
