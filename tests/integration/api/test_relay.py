"""Requests handed on to a provider and its answers handed back, over real HTTP on both sides."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from yarl import URL

from api.serving import (
    BODIES,
    CALLERS_KEY,
    CHAT,
    JSON,
    MESSAGES,
    OPERATIONS,
    OUR_KEY,
    answering,
    error_of,
    posted,
    relaying,
)
from retinue.testing import FakeProvider, Flags, Hold, chunk, says, sends

# What goes on, and what comes back

odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
pieces = st.lists(st.binary(max_size=40) | st.just(b"data: {}\n\n") | st.just(b"\r\n\r\n"), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operation=st.sampled_from(OPERATIONS),
    odd=st.dictionaries(st.text(min_size=1).filter(lambda name: name not in ("model", "stream")), odd, max_size=4),
    escaped=st.booleans(),
    back=pieces,
    content_type=st.sampled_from([JSON, "text/event-stream", "text/event-stream; charset=utf-8"]),
    status=st.sampled_from([200, 201, 202]),
)
async def test_bytes_go_on_and_come_back(
    tmp_path: Path, operation: str, odd: Any, escaped: bool, back: list[bytes], content_type: str, status: int
) -> None:
    members = {name: json.dumps(value, ensure_ascii=escaped) for name, value in (odd | BODIES[operation]).items()}
    listed = ",".join(f"{json.dumps(name, ensure_ascii=False)}:{raw}" for name, raw in members.items())
    assume("\\u0000" not in listed)  # refused, see below
    sent = f"{{{listed}}}".encode()
    answer = sends(*back, status=status, content_type=content_type)
    async with answering(answer) as provider, relaying(tmp_path, provider.base_url) as client:
        response, raw = await posted(client, f"/v1/{operation}", sent)
    assert (response.status, raw) == (status, b"".join(back))
    assert response.headers["content-type"] == content_type
    assert provider.requests[0].raw == sent
    assert provider.requests[0].path == f"/v1/{operation}"


async def test_numbers_and_blanks_of_the_caller_go_on_as_they_were_written(tmp_path: Path) -> None:
    body = b'{"messages": [ {"role":"user", "content":"a"} ], "seed":1e3, "x":0.10, "model":"m", "y":{ }, "x":-0.0}'
    async with FakeProvider(says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        await posted(client, CHAT, body)
    assert provider.requests[0].raw == (
        b'{"messages":[ {"role":"user", "content":"a"} ],"seed":1e3,"x":-0.0,"model":"m","y":{ }}'
    )


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_only_what_was_meant_for_them_reaches_provider_and_caller(operation: str, tmp_path: Path) -> None:
    told = {"X-Ratelimit-Remaining-Tokens": "7", "Retry-After": "3", "Set-Cookie": "a=b", "X-Secret": OUR_KEY}
    async with (
        answering(sends(b"{}", content_type=JSON, headers=told)) as provider,
        relaying(tmp_path, provider.base_url) as client,
    ):
        headers = {"OpenAI-Organization": "org-caller", "Cookie": "c=d", "X-Mine": "1"}
        async with client.post(f"/v1/{operation}", json=BODIES[operation], headers=headers) as response:
            assert response.status == 200
            back = response.headers
    (request,) = provider.requests
    assert request.headers["Authorization"] == f"Bearer {OUR_KEY}"
    assert request.headers["Accept-Encoding"] == "identity"
    assert not {"openai-organization", "cookie", "x-mine"} & {name.lower() for name in request.headers}
    assert CALLERS_KEY not in str(request.headers)
    assert (back["x-ratelimit-remaining-tokens"], back["retry-after"]) == ("7", "3")
    assert back["x-request-id"].startswith("req_")
    assert "Set-Cookie" not in back
    assert OUR_KEY not in str(back)


async def test_pieces_come_as_soon_as_they_are_sent(tmp_path: Path) -> None:
    gate = asyncio.Event()
    first, second = chunk({"content": "a"}), chunk({"content": "b"})
    async with (
        FakeProvider(sends(first, Hold(gate), second)) as provider,
        relaying(tmp_path, provider.base_url) as client,
        client.post(CHAT, json=BODIES["chat/completions"] | {"stream": True}) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["cache-control"] == "no-cache"
        assert await response.content.readany() == first
        gate.set()
        assert await response.content.read() == second


# Which model


@pytest.mark.parametrize(
    ("operation", "served"),
    [("chat/completions", "llama"), ("completions", "llama"), ("embeddings", "gpt-9"), ("moderations", "gpt-9")],
)
async def test_the_default_model_serves_unknown_names_where_it_can(operation: str, served: str, tmp_path: Path) -> None:
    provider = FakeProvider(default=says("Hi"), models=("llama", "nomic"))
    async with provider, relaying(tmp_path, provider.base_url, default_model="llama") as client:
        for name in ("gpt-9", "nomic"):
            await posted(client, f"/v1/{operation}", BODIES[operation] | {"model": name})
    assert [request.body["model"] for request in provider.requests] == [served, "nomic"]


async def test_the_built_in_model_is_asked_by_its_name(tmp_path: Path) -> None:
    async with FakeProvider() as provider, relaying(tmp_path, provider.base_url) as client:
        _, raw = await posted(client, CHAT, BODIES["chat/completions"] | {"model": "rehearsal"})
    assert json.loads(raw)["model"] == "rehearsal"
    assert provider.requests == []


@pytest.mark.parametrize("operation", ["chat/completions", "completions", "embeddings"])
@pytest.mark.parametrize(("named", "served"), [({}, "my-deployment"), ({"model": "gpt-4o"}, "gpt-4o")])
async def test_a_deployment_in_the_path_is_the_model(
    operation: str, named: dict[str, str], served: str, tmp_path: Path
) -> None:
    body = {name: value for name, value in BODIES[operation].items() if name != "model"} | named
    async with answering(says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        path = f"/openai/deployments/my-deployment/{operation}?api-version=2024-02-01"
        async with client.post(path, json=body, headers={"api-key": "k"}):
            pass
    assert provider.requests[0].body["model"] == served
    assert provider.requests[0].path == f"/v1/{operation}"


async def test_a_deployment_may_bear_a_models_name_with_a_slash(tmp_path: Path) -> None:
    async with FakeProvider(says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        path = URL("/openai/deployments/meta-llama%2Fllama-3/chat/completions", encoded=True)
        async with client.post(path, json={"messages": BODIES["chat/completions"]["messages"]}) as answer:
            assert answer.status == 200
    assert provider.requests[0].body["model"] == "meta-llama/llama-3"


async def test_moderations_need_no_model(tmp_path: Path) -> None:
    async with (
        FakeProvider(moderations=Flags(("violence",))) as provider,
        relaying(tmp_path, provider.base_url) as client,
    ):
        _, raw = await posted(client, "/v1/moderations", {"input": ["a", "b"]})
    assert [result["flagged"] for result in json.loads(raw)["results"]] == [True, True]
    assert "model" not in provider.requests[0].body


# What is checked before anything goes on

REFUSED: list[tuple[str, Any, str | None]] = [
    (CHAT, b"", "messages"),
    (CHAT, b"{", None),
    (CHAT, b"[]", None),
    (CHAT, b'{"model": "m", "messages": [{"role": "user"}], "x": \xff}', None),
    (CHAT, b'{"model": "m", "messages": [{"role": "user", "content": "\xff"}]}', None),
    (CHAT, {"model": "m"}, "messages"),
    (CHAT, {"messages": MESSAGES}, "model"),
    (CHAT, {"model": "", "messages": MESSAGES}, "model"),
    (CHAT, {"model": 3, "messages": MESSAGES}, "model"),
    (CHAT, {"model": None, "messages": MESSAGES}, "model"),
    (CHAT, {"model": "m", "messages": []}, "messages"),
    (CHAT, {"model": "m", "messages": {}}, "messages"),
    (CHAT, {"model": "m", "messages": ["hi"]}, "messages[0]"),
    (CHAT, {"model": "m", "messages": [{}]}, "messages[0].role"),
    (CHAT, {"model": "m", "messages": [{"role": 1}]}, "messages[0].role"),
    (CHAT, {"model": "m", "messages": [{"role": ""}]}, "messages[0].role"),
    (CHAT, {"model": "m", "messages": MESSAGES, "stream": "yes"}, "stream"),
    (CHAT, b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}]}', "messages[0].content"),
    (CHAT, b'{"model": "m", "messages": [{"role": "user"}], "x": {"y": "\\u0000"}}', "x.y"),
    (CHAT, b'{"model": "m", "messages": [{"role": "user"}], "x": ' + b"[" * 100_000, None),
    ("/v1/completions", {"model": "m"}, "prompt"),
    ("/v1/embeddings", {"model": "m"}, "input"),
    ("/v1/embeddings", {"input": "x"}, "model"),
    ("/v1/moderations", {}, "input"),
    ("/openai/deployments/d/embeddings", {}, "input"),
    ("/openai/embeddings", {"input": "x"}, "model"),
]


@pytest.mark.parametrize(("path", "body", "param"), REFUSED)
async def test_what_no_provider_could_serve_is_refused(path: str, body: Any, param: str | None, tmp_path: Path) -> None:
    async with FakeProvider(says("Hi")) as provider, relaying(tmp_path, provider.base_url) as client:
        status, error = await error_of(client, path, body)
    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert provider.requests == []


async def test_a_body_beyond_bounds_is_refused_before_it_comes(tmp_path: Path) -> None:
    async with FakeProvider() as provider, relaying(tmp_path, provider.base_url) as client:
        url = client._base_url
        assert url is not None
        reader, writer = await asyncio.open_connection(url.host, url.port)
        head = (
            f"POST {CHAT} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\nContent-Length: {33 << 20}\r\n\r\n"
        )
        writer.write(head.encode())
        assert (await reader.readline()).split()[1] == b"413"
        writer.close()
    assert provider.requests == []


async def test_a_request_without_a_key_is_refused(tmp_path: Path) -> None:
    async with (
        FakeProvider() as provider,
        relaying(tmp_path, provider.base_url) as client,
        client.post(CHAT, json=BODIES["chat/completions"], headers={"Authorization": ""}) as response,
    ):
        assert response.status == 401
