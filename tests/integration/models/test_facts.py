"""Sizes of models, from lists as the providers' documents show them, and from every other source in its order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from models.listing import Listing
from retinue.core.model_profile import ModelProfile, Sizes
from retinue.models import ModelFacts, ModelRequest
from retinue.models.about import facts
from retinue.models.about.facts import Facts, Known
from retinue.models.dialects import Dialect
from retinue.models.dialects.speech import Speech
from retinue.models.faults.faults import OPENAI_VARIABLES
from retinue.models.http.upstream import Upstream
from retinue.models.openai import OpenAICompatible

Sized = tuple[int | None, int | None, bool | None]


def listed(**entry: Any) -> dict[str, Any]:
    return {"object": "list", "data": [{"id": "other", "context_length": 1}, {"id": "m", "object": "model", **entry}]}


OLLAMA_SHOWN: dict[str, Any] = {
    "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
    "capabilities": ["completion", "tools"],
}
RUNNING = {"models": [{"name": "m:latest", "model": "m:latest", "context_length": 32768}]}

# By provider: its dialect, what it answers, and what is known then of the model "m".
TOLD: list[tuple[str, dict[str, Any], Sized]] = [
    (
        "openrouter",
        {
            "/v1/models": listed(
                context_length=200_000,
                architecture={"modality": "text+image->text", "input_modalities": ["text", "image"]},
                top_provider={"context_length": 200_000, "max_completion_tokens": 64_000, "is_moderated": True},
                pricing={"prompt": "0.000003"},
            )
        },
        (200_000, 64_000, True),
    ),
    (
        "openrouter",
        {"/v1/models": listed(context_length=32768, architecture={"input_modalities": ["text"]}, top_provider={})},
        (32768, None, False),
    ),
    ("vllm", {"/v1/models": listed(owned_by="vllm", root="/m", max_model_len=16384)}, (16384, None, None)),
    (
        "groq",
        {"/v1/models": listed(active=True, context_window=131072, max_completion_tokens=32768)},
        (131072, 32768, None),
    ),
    (
        "mistral",
        {"/v1/models": listed(max_context_length=131072, capabilities={"completion_chat": True, "vision": True})},
        (131072, None, True),
    ),
    (
        "anthropic",
        {
            "/v1/models": {
                "data": [
                    {
                        "type": "model",
                        "id": "m",
                        "created_at": "2026-02-04T00:00:00Z",
                        "max_input_tokens": 1_000_000,
                        "max_tokens": 128_000,
                        "capabilities": {"image_input": {"supported": True}},
                    }
                ],
                "has_more": False,
            }
        },
        (1_000_000, 128_000, True),
    ),
    (
        "gemini",
        {
            "/v1/models": {"data": [{"id": "models/m"}]},
            "/v1beta/models/m": {"name": "models/m", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536},
        },
        (1_048_576, 65_536, None),
    ),
    (
        "lm-studio",
        {
            "/v1/models": listed(),
            "/api/v0/models": listed(type="vlm", state="loaded", max_context_length=131072, loaded_context_length=4096),
        },
        (4096, None, True),
    ),
    (
        "lm-studio",
        {"/api/v0/models": listed(type="llm", state="not-loaded", max_context_length=32768)},
        (32768, None, False),
    ),
    (
        "llama.cpp",
        {
            "/v1/models": listed(owned_by="llamacpp", meta={"n_ctx_train": 131072, "n_vocab": 128256}),
            "/props": {"default_generation_settings": {"n_ctx": 8192}, "modalities": {"vision": False}},
        },
        (8192, None, False),
    ),
    ("llama.cpp", {"/v1/models": listed(meta={"n_ctx_train": 131072})}, (131072, None, None)),
    ("ollama", {"/api/show": OLLAMA_SHOWN, "/api/ps": {"models": []}}, (4096, None, False)),
    ("ollama", {"/api/show": OLLAMA_SHOWN, "/api/ps": RUNNING}, (32768, None, False)),
    ("ollama", {"/api/show": OLLAMA_SHOWN}, (4096, None, False)),
    ("ollama", {"/api/ps": RUNNING}, (32768, None, None)),
    (
        "ollama",
        {"/api/show": OLLAMA_SHOWN | {"parameters": 'stop    "x"\nnum_ctx    16384'}, "/api/ps": {}},
        (16384, None, False),
    ),
    (
        "ollama",
        {"/api/show": OLLAMA_SHOWN | {"remote_host": "https://ollama.com"}, "/api/ps": {}},
        (40960, None, False),
    ),
    ("default", {"/v1/models": listed(owned_by="vllm", max_model_len=16384)}, (16384, None, None)),
    ("default", {"/v1/models": [{"id": "m", "context_length": "8192"}]}, (8192, None, None)),
    ("default", {"/v1/models": listed(context_length=-1, max_model_len=True, capabilities=7)}, (None, None, None)),
    ("default", {"/v1/models": listed(context_length=1e300, meta=[], architecture="x")}, (None, None, None)),
    ("default", {"/v1/models": {"data": [7, {}, {"id": None}, {"id": "m"}]}}, (None, None, None)),
    ("default", {"/v1/models": {"error": "no"}}, (None, None, None)),
    ("default", {}, (None, None, None)),
]


@asynccontextmanager
async def asking(
    answers: dict[str, Any], known: Known, key: str | None = None
) -> AsyncIterator[tuple[Listing, OpenAICompatible]]:
    async with Listing(answers) as server:
        model = OpenAICompatible(f"{server.root}/v1", key, known=known)
        yield server, model
        await model.close()


def sized(known: ModelFacts) -> Sized:
    return known.context_tokens, known.completion_tokens, known.images


@pytest.mark.parametrize(("dialect", "answers", "sizes"), TOLD)
async def test_what_a_provider_tells_of_a_model_is_known(dialect: str, answers: dict[str, Any], sizes: Sized) -> None:
    async with asking(answers, Known(dialect=dialect)) as (_, model):
        assert sized(await model.facts("m")) == sizes


async def test_settings_go_before_a_probe_and_that_before_the_list() -> None:
    answers = {"/v1/models": listed(context_length=3, max_output_tokens=3, capabilities={"vision": False})}
    profile = ModelProfile(place="any", model="m", probed_at=0.0, sizes=Sizes(context_tokens=2, completion_tokens=2))
    known = Known(sizes={"m": Sizes(context_tokens=1)}, profiles=(profile,))
    async with asking(answers, known) as (_, model):
        assert sized(await model.facts("m")) == (1, 2, False)


@pytest.mark.parametrize(("listed_tokens", "known_tokens"), [(131072, 8192), (4096, 4096), (None, 8192)])
async def test_a_refusal_tells_how_much_is_read_at_most(listed_tokens: int | None, known_tokens: int) -> None:
    async with Listing({"/v1/models": listed(context_length=listed_tokens, owned_by=[{}])}) as server:
        upstream = Upstream(f"{server.root}/v1", None, name="Acme", connect_seconds=10, remedies=OPENAI_VARIABLES)
        before, after = (Facts(upstream, Speech(server.root, Dialect()), Known()) for _ in range(2))
        before.limit("m", 8192)
        assert (await before.of("m")).context_tokens == known_tokens
        assert (await after.of("m")).context_tokens == listed_tokens
        after.limit("m", 8192)
        assert (await after.of("m")).context_tokens == known_tokens
        await upstream.close()


async def test_what_a_refusal_told_is_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking({"/v1/models": listed(context_length=32768)}, Known()) as (server, _):
        upstream = Upstream(f"{server.root}/v1", None, name="Acme", connect_seconds=10, remedies=OPENAI_VARIABLES)
        known = Facts(upstream, Speech(server.root, Dialect()), Known())
        known.limit("m", 8192)
        monkeypatch.setattr(facts, "_LIMIT_AGE", -1.0)
        assert (await known.of("m")).context_tokens == 32768
        await upstream.close()


async def test_the_price_list_knows_what_nobody_told() -> None:
    model = OpenAICompatible("https://api.openai.com/v1", None)
    assert sized(await model.facts("gpt-4o")) == (128_000, None, True)
    assert sized(await model.facts("gpt-3.5-turbo"))[2] is False
    await model.close()


async def test_facts_are_asked_for_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    async with asking({"/v1/models": listed(context_length=8192)}, Known()) as (server, model):
        await asyncio.gather(*(model.facts("m") for _ in range(20)))
        await model.facts("n")
        assert len(server.asked) == 1
        monkeypatch.setattr(facts, "_AGE", -1.0)
        server.answers = {"/v1/models": listed(context_length=4096)}
        assert (await model.facts("m")).context_tokens == 8192  # the old ones, at once
        while (await model.facts("m")).context_tokens != 4096:
            await asyncio.sleep(0)


async def test_a_provider_that_is_not_there_costs_no_run() -> None:
    model = OpenAICompatible("http://127.0.0.1:9/v1", None)
    assert sized(await model.facts("m")) == (None, None, None)
    await model.close()


async def test_nobody_waits_for_a_silent_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_PATIENCE", 0.05)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        known = Known(sizes={"m": Sizes(context_tokens=7)})
        model = OpenAICompatible(f"http://127.0.0.1:{port}/v1", None, known=known)
        assert sized(await model.facts("m")) == (7, None, None)
        await model.close()


async def test_cards_bear_the_sizes_that_the_list_tells() -> None:
    async with asking({"/v1/models": {"data": [{"id": "models/m", "context_length": 8192}]}}, Known()) as (_, model):
        (card,) = await model.cards()
    assert (card.id, card.context_tokens) == ("m", 8192)


async def test_the_key_goes_where_each_provider_wants_it() -> None:
    answers = {"/v1/models": listed(), "/v1beta/models/m": {}}
    async with asking(answers, Known(dialect="anthropic"), "k") as (server, model):
        await model.cards()
    assert "Authorization" not in server.asked[0].headers
    assert server.asked[0].headers["x-api-key"] == "k"
    async with asking(answers, Known(dialect="gemini"), "k") as (server, model):
        await model.facts("m")
    assert [request.headers.get("x-goog-api-key") for request in server.asked] == ["k", None]
    assert server.asked[1].headers["Authorization"] == "Bearer k"


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/openai/v1", "/openai/v1/chat/completions"),
        ("/openai?api-version=2024-10-21", "/openai/deployments/my%2Fgpt/chat/completions?api-version=2024-10-21"),
        (
            "/openai/deployments/d?api-version=2024-10-21",
            "/openai/deployments/d/chat/completions?api-version=2024-10-21",
        ),
    ],
)
async def test_azure_is_asked_in_both_of_its_forms(path: str, asked: str) -> None:
    async with Listing({}) as server:
        model = OpenAICompatible(server.root + path, "k", known=Known(dialect="azure"))
        request = ModelRequest(model="my/gpt", messages=({"role": "user", "content": "Hello"},))
        assert [event async for batch in await model.stream(request) for event in batch]
        await model.close()
    assert server.paths == [asked]
    assert server.asked[0].headers["api-key"] == "k"
    assert "Authorization" not in server.asked[0].headers


async def test_headers_of_the_settings_go_with_every_request_and_before_ours() -> None:
    async with Listing({"/v1/models": listed()}) as server:
        headers = {"authorization": "Basic x", "X-Team": "blue"}
        model = OpenAICompatible(f"{server.root}/v1", "k", headers=headers)
        await model.cards()
        assert [event async for batch in await model.stream(ModelRequest(model="m", messages=())) for event in batch]
        await model.close()
    assert [request.headers.getall("Authorization") for request in server.asked] == [["Basic x"]] * 2
    assert [request.headers["X-Team"] for request in server.asked] == ["blue"] * 2


async def test_an_address_of_one_deployment_lists_that_one() -> None:
    model = OpenAICompatible("https://res.openai.azure.com/openai/deployments/mine?api-version=2024-10-21", "k")
    assert [card.id for card in await model.cards()] == ["mine"]
