import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from retinue.core.errors import ModelFault
from retinue.core.usage import Usage
from retinue.models import CallPiece, Finished, ModelCard, ModelEvent, ModelRequest, TextPiece
from retinue.models.about.facts import Known
from retinue.models.openai import OpenAICompatible
from retinue.testing import (
    Call,
    Cut,
    Fails,
    FakeProvider,
    Hold,
    Pause,
    Sends,
    calls,
    chunk,
    event,
    says,
    sends,
)

HELLO = ({"role": "user", "content": "Hello"},)
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}
DONE = event("[DONE]")


def asking(model: str = "gpt-4o", **fields: Any) -> ModelRequest:
    return ModelRequest(model=model, messages=HELLO, **fields)


@asynccontextmanager
async def client(base_url: str, key: str | None = None, **options: Any) -> AsyncIterator[OpenAICompatible]:
    model = OpenAICompatible(base_url, key, **options)
    try:
        yield model
    finally:
        await model.close()


async def told(base_url: str, request: ModelRequest | None = None, **options: Any) -> list[ModelEvent]:
    async with client(base_url, **options) as model:
        return [event async for batch in await model.stream(request or asking()) for event in batch]


async def fault(base_url: str, **options: Any) -> tuple[str, str, list[ModelEvent]]:
    """The message and code of a stream's fault, and what came before it."""
    events: list[ModelEvent] = []
    async with client(base_url, label="Acme", **options) as model:
        with pytest.raises(ModelFault) as caught:  # noqa: PT012 - the loop keeps what came before the fault
            async for batch in await model.stream(asking()):
                events += batch
    return caught.value.message, caught.value.run_code, events


@asynccontextmanager
async def server_sending(answer: bytes) -> AsyncIterator[str]:
    """A server beneath HTTP's rules: it sends these bytes and closes."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def test_a_reply_comes_piece_by_piece() -> None:
    async with FakeProvider(says("Hel", "lo", usage=(12, 2), model="gpt-4o-2024-08-06")) as provider:
        assert await told(provider.base_url) == [
            TextPiece("Hel"),
            TextPiece("lo"),
            Finished(reason="stop", model="gpt-4o-2024-08-06", asked="gpt-4o", usage=Usage(prompt=12, completion=2)),
        ]


async def test_pieces_come_as_soon_as_they_are_sent() -> None:
    gate = asyncio.Event()
    async with FakeProvider(says("first", Hold(gate), "second")) as provider, client(provider.base_url) as model:
        stream = await model.stream(asking())
        assert await anext(stream) == [TextPiece("first")]
        gate.set()
        assert await anext(stream) == [TextPiece("second")]
        await stream.aclose()


async def test_tool_calls_come_with_id_and_name_first() -> None:
    async with FakeProvider(calls(Call(name="weather", arguments='{"city":"Rome"}', id="call_x"))) as provider:
        *pieces, finished = await told(provider.base_url)
    assert pieces[0] == CallPiece(index=0, id="call_x", name="weather")
    assert "".join(piece.arguments for piece in pieces if isinstance(piece, CallPiece)) == '{"city":"Rome"}'
    assert isinstance(finished, Finished)
    assert finished.reason == "tool_calls"


async def test_only_what_is_set_is_sent() -> None:
    async with FakeProvider(says("Hi"), models=()) as provider:
        await told(provider.base_url, asking(tool_choice="auto", parallel_tool_calls=True))
    (request,) = provider.requests
    assert request.body == {
        "model": "gpt-4o",
        "messages": list(HELLO),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert "Authorization" not in request.headers
    assert request.path == "/v1/chat/completions"


async def test_all_that_is_set_is_sent() -> None:
    fields: dict[str, Any] = {
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "response_format": {"type": "json_object"},
        "reasoning_effort": "low",
        "temperature": 0.0,
        "top_p": 0.5,
        "max_tokens": 7,
    }
    async with FakeProvider(says("Hi")) as provider, client(f"{provider.base_url}/", " sk-key\n") as model:
        async for _ in await model.stream(asking(tools=(WEATHER,), **fields)):
            pass
    (request,) = provider.requests
    assert {name: request.body[name] for name in (*fields, "tools")} == {**fields, "tools": [WEATHER]}
    assert request.headers["Authorization"] == "Bearer sk-key"
    assert request.path == "/v1/chat/completions"


async def test_openai_itself_gets_the_newer_name_of_the_bound() -> None:
    async with FakeProvider(says("Hi")) as provider:
        await told(provider.base_url, asking(max_tokens=7), known=Known(dialect="openai"))
    assert provider.requests[0].body["max_completion_tokens"] == 7
    assert "max_tokens" not in provider.requests[0].body


async def test_a_request_of_megabytes_is_sent_without_a_warning() -> None:
    async with FakeProvider(says("Hi")) as provider:
        await told(provider.base_url, ModelRequest(model="m", messages=({"role": "user", "content": "x" * 3_000_000},)))
    assert len(provider.requests[0].body["messages"][0]["content"]) == 3_000_000


@pytest.mark.parametrize(
    ("status", "words", "code"),
    [
        (400, "did not accept the request (400): Because.", "invalid_prompt"),
        (401, "refused the API key (401): Because.", "server_error"),
        (404, "has no model 'gpt-4o' (404): Because.", "server_error"),
        (429, "no quota left (429): Because.", "rate_limit_exceeded"),
        (500, "failed (500): Because.", "server_error"),
        (503, "failed (503): Because.", "server_error"),
    ],
)
async def test_an_error_answer_is_a_fault_with_the_providers_words(status: int, words: str, code: str) -> None:
    async with FakeProvider(Fails(status, "Because.")) as provider:
        message, run_code, _ = await fault(provider.base_url)
    assert words in message
    assert run_code == code


@pytest.mark.parametrize(
    "body", [b"<html>" + b"x" * 100_000, b"x" * 1_000_000, b"", b"\xff\xfe", b"[" * 60_000, b'{"error": {}}']
)
async def test_an_error_answer_in_no_known_shape_keeps_its_status(body: bytes) -> None:
    async with FakeProvider(sends(body, status=502, content_type="text/html")) as provider:
        message, _, _ = await fault(provider.base_url)
    assert message == "Acme failed (502): Bad Gateway. Try again; if it stays, see the provider's status."


@pytest.mark.parametrize(
    "answer",
    [
        sends(b"<html>Welcome!</html>", content_type="text/html"),
        sends(b"PNG", content_type="image/png"),
        sends(status=204),
        sends(b"<html>Not found</html>", status=404, content_type="text/html"),
        sends(b'{"detail":"Not Found"}', status=404, content_type="application/json"),
        sends(b"", status=405, content_type="text/plain"),
    ],
)
async def test_an_address_that_is_no_providers_is_named(answer: Sends) -> None:
    async with FakeProvider(answer) as provider:
        message, _, _ = await fault(provider.base_url)
    assert "OPENAI_BASE_URL seems wrong" in message
    assert provider.base_url in message


async def test_a_redirect_is_told_and_not_followed() -> None:
    answer = sends(status=308, headers={"Location": "https://me:hush@example.com/v1"})
    async with FakeProvider(answer) as provider:
        message, _, _ = await fault(provider.base_url)
    assert "it redirects to https://example.com/v1." in message


@pytest.mark.parametrize(
    ("base_url", "words"),
    [
        ("http://127.0.0.1:1/v1", "nothing listens at http://127.0.0.1:1/v1. Check OPENAI_BASE_URL"),
        ("http://no-such-host.invalid/v1", "there is no host 'no-such-host.invalid'."),
        ("localhost:11434/v1", "no address that begins with http:// or https://"),
        ("nonsense", "no address that begins with http:// or https://"),
        ("http://[", "no address that begins with http:// or https://"),
        ("http://host:99999999/v1", "no address that begins with http:// or https://"),
        ("", "no address that begins with http:// or https://"),
    ],
)
async def test_a_provider_that_is_not_there_is_unreachable(base_url: str, words: str) -> None:
    message, code, _ = await fault(base_url)
    assert message.startswith("Acme could not be reached: ")
    assert words in message
    assert code == "server_error"


async def test_a_password_in_the_address_is_not_told() -> None:
    async with client("ftp://me:secret@host/v1", "key") as model:
        with pytest.raises(ModelFault) as caught:
            await anext(await model.stream(asking()))
    assert "secret" not in caught.value.message
    assert "ftp://host/v1" in caught.value.message


async def test_plain_http_where_tls_is_expected_is_unreachable() -> None:
    async with FakeProvider(says("Hi")) as provider:
        message, _, _ = await fault(provider.base_url.replace("http:", "https:"))
    assert message.startswith("Acme could not be reached: ")


async def test_no_first_byte_in_time_is_unreachable() -> None:
    async with server_that_says_nothing() as base_url:
        message, _, _ = await fault(base_url, first_byte_seconds=0.1)
    assert message.startswith("Acme could not be reached: it did not begin to answer within 0.1 s.")


@asynccontextmanager
async def server_that_says_nothing() -> AsyncIterator[str]:
    over = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        over.set()


HALF = (chunk({"content": "Hel"}), chunk({"content": "lo"}))
AT_ONCE = b"".join(HALF)  # before silence: it is told of what nobody was still sending


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (sends(AT_ONCE, Hold(asyncio.Event())), "nothing came for 0.2 s."),
        (sends(*HALF, Pause(0.01), Cut()), "the connection was lost."),
        (sends(*HALF), "the stream ended too early."),
        (sends(*HALF, b"data: {oh no\n\n"), "no valid JSON."),
        (sends(*HALF, b'data: {"choices": "\xff"}\n\n'), "no valid JSON."),
        (sends(*HALF, b"data: " + b'{"x":' * 100_000 + b"\n\n"), "no valid JSON."),
        (sends(*HALF, b"data: <html>\n\n"), "a part of the stream is no JSON object."),
        (sends(*HALF, b"data: " + b"x" * 9_000_000), "longer than 8388608 bytes."),
        (sends(*HALF, event({"error": {"message": "Out of memory"}})), "Out of memory."),
    ],
)
async def test_a_broken_stream_is_a_fault_after_what_it_said(answer: Sends, words: str) -> None:
    async with FakeProvider(answer) as provider:
        message, code, events = await fault(provider.base_url, idle_seconds=0.2 if "0.2 s" in words else 60)
    assert message.startswith("Acme broke the reply off before its end: ")
    assert message.endswith(f"{words} Try again.")
    assert events == [TextPiece("Hel"), TextPiece("lo")]
    assert code == "server_error"


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/json"])
async def test_a_compressed_answer_is_refused_unopened(content_type: str) -> None:
    body = gzip.compress(b"data: {}\n\n" * 1_000_000)
    answer = sends(body, content_type=content_type, headers={"Content-Encoding": "gzip"})
    async with FakeProvider(answer) as provider:
        message, _, events = await fault(provider.base_url)
    assert message.startswith("Acme compressed its answer (gzip), which it was asked not to do.")
    assert events == []


async def test_a_compressed_error_answer_keeps_its_status() -> None:
    body = gzip.compress(b'{"error":{"message":"Because."}}')
    answer = sends(body, status=502, content_type="application/json", headers={"Content-Encoding": "gzip"})
    async with FakeProvider(answer) as provider:
        message, _, _ = await fault(provider.base_url)
    assert message.startswith("Acme failed (502): Bad Gateway.")


async def test_a_stream_that_never_waits_lets_others_have_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[float] = []
    sleep = asyncio.sleep

    async def counted(seconds: float) -> None:
        turns.append(seconds)
        await sleep(seconds)

    async with FakeProvider(sends(*[chunk({"content": "x" * 1_000})] * 2_000, DONE)) as provider:
        monkeypatch.setattr(asyncio, "sleep", counted)
        await told(provider.base_url)
    assert turns.count(0) >= 4


async def test_a_limit_that_is_met_amid_the_stream_has_its_code() -> None:
    answer = sends(*HALF, event({"error": {"message": "Slow down", "code": 429}}))
    async with FakeProvider(answer) as provider:
        _, code, _ = await fault(provider.base_url)
    assert code == "rate_limit_exceeded"


@pytest.mark.parametrize(
    "end", [(), (Pause(0.01), Cut()), (b"data: {oh no\n\n",), (Hold(asyncio.Event()),), (b"data: [DONE]",)]
)
async def test_a_reply_that_is_whole_survives_the_end_of_its_stream(end: tuple[Any, ...]) -> None:
    async with FakeProvider(sends(AT_ONCE + chunk({}, finish="stop"), *end)) as provider:
        events = await told(provider.base_url, idle_seconds=0.2)
    assert events == [TextPiece("Hel"), TextPiece("lo"), Finished(reason="stop", model="gpt-4o", asked="gpt-4o")]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{", "connection was lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "Acme"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "its answer is no valid HTTP."),
        (b"", "the connection was lost."),
    ],
)
async def test_a_server_that_breaks_the_rules_of_http_is_a_fault(answer: bytes, words: str) -> None:
    async with server_sending(answer) as base_url:
        message, _, _ = await fault(base_url)
    assert words in message


async def test_a_server_that_does_not_stream_is_read_all_the_same() -> None:
    reply = {
        "model": "served",
        "choices": [{"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1},
    }
    answer = sends(event(reply)[6:], content_type="application/json; charset=utf-8")
    async with FakeProvider(answer) as provider:
        assert await told(provider.base_url) == [
            TextPiece("Hello"),
            Finished(reason="length", model="served", asked="gpt-4o", usage=Usage(prompt=3, completion=1)),
        ]


@pytest.mark.parametrize("body", [b'{"status":"ok"}', b"{", b"", b"[]", b"x" * 9_000_000])
async def test_json_that_is_no_completion_is_a_fault(body: bytes) -> None:
    async with FakeProvider(sends(body, content_type="application/json")) as provider:
        message, _, _ = await fault(provider.base_url)
    assert message.startswith("Acme broke the reply off")


async def test_closing_the_stream_ends_the_call_upstream() -> None:
    async with (
        FakeProvider(says("first", Hold(asyncio.Event()))) as provider,
        client(provider.base_url) as model,
    ):
        stream = await model.stream(asking())
        await anext(stream)
        await stream.aclose()
        async with asyncio.timeout(5):
            await provider.left.wait()


async def test_cancelling_the_reader_ends_the_call_upstream() -> None:
    async with (
        FakeProvider(says("first", Hold(asyncio.Event()))) as provider,
        client(provider.base_url) as model,
    ):
        stream = await model.stream(asking())
        await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        async with asyncio.timeout(5):
            await provider.left.wait()


async def test_one_call_after_another_uses_one_connection() -> None:
    late = (*HALF, chunk({}, finish="stop"), DONE, Pause(0.02))
    script = (sends(*late), says("Hi"), Fails(500), says("Hi"))
    async with FakeProvider(*script) as provider, client(provider.base_url) as model:
        for _ in range(2):
            assert [event async for batch in await model.stream(asking()) for event in batch]
            await _at_rest(model)
        with pytest.raises(ModelFault):
            await anext(await model.stream(asking()))
        assert [event async for batch in await model.stream(asking()) for event in batch]
    assert provider.connections == 1


async def _at_rest(model: OpenAICompatible) -> None:
    """Return when the end of the last answer has come, after the events that were in it."""
    client = model._upstream._opened
    assert client is not None
    async with asyncio.timeout(5):
        while not any(client._pool._resting.values()):
            await asyncio.sleep(0)


async def test_the_last_event_does_not_wait_for_the_end_of_the_connection() -> None:
    answer = sends(*HALF, chunk({}, finish="stop"), DONE, Hold(asyncio.Event()))
    async with FakeProvider(answer) as provider:
        async with asyncio.timeout(1):
            assert len(await told(provider.base_url)) == 3


async def test_many_calls_run_side_by_side() -> None:
    async with FakeProvider(default=says("a", Pause(0.05), "b")) as provider, client(provider.base_url) as model:

        async def once() -> int:
            return len([event async for batch in await model.stream(asking()) for event in batch])

        assert await asyncio.gather(*(once() for _ in range(150))) == [3] * 150
    assert provider.connections == 150


async def test_a_closed_model_opens_again() -> None:
    async with FakeProvider(default=says("Hi")) as provider, client(provider.base_url) as model:
        for _ in range(2):
            assert [event async for batch in await model.stream(asking()) for event in batch]
            await model.close()
        await model.close()


async def test_cards_are_the_providers_models() -> None:
    async with FakeProvider(models=("a", "b")) as provider, client(provider.base_url) as model:
        assert await model.cards() == [ModelCard(id="a", owned_by="fake"), ModelCard(id="b", owned_by="fake")]


async def test_cards_may_come_as_a_bare_list_with_gaps() -> None:
    body = b'[{"id":"a","created":null},{"id":"b","created":1.7e9,"description":"Big","object":7}]'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with server_sending(head + body) as base_url, client(base_url) as model:
        assert await model.cards() == [
            ModelCard(id="a", owned_by=""),
            ModelCard(id="b", owned_by="", created=1_700_000_000, description="Big"),
        ]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"",
    ],
)
async def test_cards_that_can_not_be_had_are_a_fault(answer: bytes) -> None:
    async with server_sending(answer) as base_url, client(base_url) as model:
        with pytest.raises(ModelFault):
            await model.cards()


async def test_a_proxy_is_used_with_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    proxy = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with proxy:
        port = proxy.sockets[0].getsockname()[1]
        monkeypatch.setenv("http_proxy", f"http://me:pass%20word@127.0.0.1:{port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        message, _, _ = await fault("http://models.invalid/v1")
    assert message == "Acme failed (500): No. Try again; if it stays, see the provider's status."
    assert seen[0].startswith(b"POST http://models.invalid/v1/chat/completions ")
    assert b"Proxy-Authorization: Basic bWU6cGFzcyB3b3Jk\r\n" in seen[0]


async def test_a_proxy_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with FakeProvider(says("Hi")) as provider:
        assert await told(provider.base_url)


async def test_the_provider_is_called_by_its_host() -> None:
    assert OpenAICompatible("https://api.openai.com/v1", None).label == "OpenAI"
    assert OpenAICompatible("https://me:secret@models.example.com:8443/v1", None).label == "models.example.com:8443"
