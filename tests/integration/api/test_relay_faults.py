"""What a provider refuses, and what breaks off: how it comes back."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from api.serving import BODIES, CHAT, JSON, OUR_KEY, answering, error_of, posted, relaying
from retinue.testing import Cut, Fails, FakeProvider, Pause, Sends, chunk, sends

_TYPES = {429: "requests"}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [400, 404, 409, 413, 422, 429, 500, 503, 529])
async def test_an_error_of_the_provider_passes_as_it_is(status: int, stream: bool, tmp_path: Path) -> None:
    fails = Fails(status, "Because.", {"Retry-After": "7", "Retry-After-Ms": "7000", "X-Should-Retry": "false"})
    async with FakeProvider(fails) as provider, relaying(tmp_path, provider.base_url) as client:
        response, raw = await posted(client, CHAT, BODIES["chat/completions"] | {"stream": stream})
    assert response.status == status
    assert json.loads(raw) == {"error": {"message": "Because.", "type": "fake_error", "param": None, "code": None}}
    assert response.headers["retry-after"] == "7"
    assert response.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (
            sends(b'{"detail":"Too hot."}', status=422, content_type=JSON),
            422,
            "did not accept the request (422): Too hot.",
        ),
        (sends(b"slow down", status=429, content_type="text/plain"), 429, "Too Many Requests"),
        (sends(b"<html>", status=503, content_type="text/html"), 503, "Acme failed (503): Service Unavailable."),
        (sends(b"x" * 1_000_000, status=500), 500, "Acme failed (500)"),
        (sends(b'{"error":"no such model"}', status=404, content_type=JSON), 404, "no such model"),
        (sends(b'{"object":"error","message":"none"}', status=404, content_type=JSON), 404, "none."),
        (sends(gzip.compress(b"{}"), status=500, headers={"Content-Encoding": "gzip"}), 500, "Acme failed (500)"),
    ],
)
async def test_an_error_in_another_shape_is_put_into_ours(
    answer: Sends, status: int, words: str, tmp_path: Path
) -> None:
    async with FakeProvider(answer) as provider, relaying(tmp_path, provider.base_url) as client:
        got, error = await error_of(client, CHAT, BODIES["chat/completions"])
    assert got == status
    assert words in error["message"]
    assert error["type"] == ("server_error" if status >= 500 else _TYPES.get(status, "invalid_request_error"))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Fails(401, f"Wrong key {OUR_KEY}."), "Acme refused the API key (401): Wrong key ***."),
        (Fails(403, "No."), "Acme refused the API key (403): No."),
        (Fails(407, "No."), "Acme failed (407)"),
        (sends(status=302, headers={"Location": "http://elsewhere"}), "it redirects to http://elsewhere."),
        (sends(b"<html>", content_type="text/html"), "OPENAI_BASE_URL seems wrong"),
        (sends(b"404 page not found", status=404, content_type="text/plain"), "OPENAI_BASE_URL seems wrong"),
        (sends(gzip.compress(b"{}"), content_type=JSON, headers={"Content-Encoding": "gzip"}), "compressed its answer"),
    ],
)
async def test_what_is_the_servers_fault_is_a_502(answer: Any, words: str, tmp_path: Path) -> None:
    async with FakeProvider(answer) as provider, relaying(tmp_path, provider.base_url) as client:
        status, error = await error_of(client, CHAT, BODIES["chat/completions"])
    assert (status, error["type"]) == (502, "server_error")
    assert words in error["message"]
    assert OUR_KEY not in error["message"]


async def test_our_key_is_not_told_where_the_provider_repeats_it(tmp_path: Path) -> None:
    async with (
        FakeProvider(Fails(400, f"Bad key {OUR_KEY}.")) as provider,
        relaying(tmp_path, provider.base_url) as client,
    ):
        _, error = await error_of(client, CHAT, BODIES["chat/completions"])
    assert error["message"] == "Bad key ***."


@pytest.mark.parametrize("operation", ["completions", "embeddings", "moderations"])
async def test_what_the_provider_does_not_serve_is_told(operation: str, tmp_path: Path) -> None:
    async with (
        answering(sends(b"404 page not found", status=404, content_type="text/plain")) as provider,
        relaying(tmp_path, provider.base_url) as client,
    ):
        status, error = await error_of(client, f"/v1/{operation}", BODIES[operation])
    assert (status, error["message"]) == (404, f"Acme does not serve /{operation} (404).")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_provider_that_is_not_there_is_a_502(stream: bool, tmp_path: Path) -> None:
    async with relaying(tmp_path, "http://127.0.0.1:1/v1") as client:
        status, error = await error_of(client, CHAT, BODIES["chat/completions"] | {"stream": stream})
    assert status == 502
    assert "nothing listens at http://127.0.0.1:1/v1" in error["message"]


@pytest.mark.parametrize(("stream", "option"), [(False, "answer_seconds"), (True, "first_byte_seconds")])
async def test_a_provider_that_says_nothing_is_a_502(stream: bool, option: str, tmp_path: Path) -> None:
    silent = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with listening:
        base_url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
        bound: dict[str, Any] = {option: 0.2}
        async with relaying(tmp_path, base_url, **bound) as client:
            status, error = await error_of(client, CHAT, BODIES["chat/completions"] | {"stream": stream})
        silent.set()
    assert status == 502
    assert "it did not begin to answer within 0.2 s." in error["message"]


# What breaks off

HALF = (chunk({"content": "Hel"}), chunk({"content": "lo"}))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((*HALF, Pause(0.01), Cut()), "the connection was lost."),
        ((*HALF, b'data: {"choi', Pause(0.01), Cut()), "the connection was lost."),
        ((b"".join(HALF), Pause(3_600)), "nothing came for 0.2 s."),
    ],
)
async def test_a_stream_that_breaks_off_ends_with_the_error(parts: Any, words: str, tmp_path: Path) -> None:
    async with (
        FakeProvider(sends(*parts)) as provider,
        relaying(tmp_path, provider.base_url, idle_seconds=0.2 if "0.2 s" in words else 60) as client,
    ):
        response, raw = await posted(client, CHAT, BODIES["chat/completions"] | {"stream": True})
    assert response.status == 200
    said, _, last = raw.removesuffix(b"\n\n").rpartition(b"\n\n")
    assert said + b"\n\n" == b"".join(HALF)
    error = json.loads(last.removeprefix(b"data: "))["error"]
    assert error["type"] == "server_error"
    assert words in error["message"]


async def test_an_answer_that_breaks_off_is_no_whole_answer(tmp_path: Path) -> None:
    answer = sends(b'{"choices": [', Pause(0.01), Cut(), content_type=JSON)
    async with FakeProvider(answer) as provider, relaying(tmp_path, provider.base_url) as client:
        with pytest.raises(aiohttp.ClientPayloadError):
            await posted(client, CHAT, BODIES["chat/completions"])
        assert (await posted(client, CHAT, BODIES["chat/completions"] | {"model": "rehearsal"}))[0].status == 200
