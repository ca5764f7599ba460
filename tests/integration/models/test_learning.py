"""Refusals over HTTP: a request is worded anew, sent again at once, and worded so from then on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from retinue.core.errors import ModelFault, WindowExceeded
from retinue.core.model_profile import Findings, ModelProfile
from retinue.models import Finished, ModelRequest
from retinue.models.about.facts import Known
from retinue.models.openai import OpenAICompatible
from retinue.testing import Fails, FakeProvider, Picky, event, sends

HELLO = ({"role": "user", "content": "Hello"},)
LONG = ({"role": "user", "content": "Hello " * 8_000},)
SCHEMA = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}


@asynccontextmanager
async def picky(*, known: Known | None = None, **habits: Any) -> AsyncIterator[tuple[FakeProvider, OpenAICompatible]]:
    async with FakeProvider(default=Picky(**habits)) as provider:
        model = OpenAICompatible(provider.base_url, None, known=known)
        yield provider, model
        await model.close()


async def finished(model: OpenAICompatible, **fields: Any) -> Finished:
    events = [
        event
        async for batch in await model.stream(ModelRequest(model="m", **({"messages": HELLO} | fields)))
        for event in batch
    ]
    assert isinstance(events[-1], Finished)
    return events[-1]


@pytest.mark.parametrize("words", ["openai", "azure", "pydantic"])
async def test_a_refused_parameter_is_left_out_at_once_and_from_then_on(words: str) -> None:
    async with picky(refuses=("temperature", "stream_options"), words=words) as (provider, model):
        told = await finished(model, temperature=0.2)
        assert told.notes == ("The model's provider takes no temperature: it was left out.",)
        assert len(provider.requests) == 3
        await finished(model, temperature=0.3)
    assert len(provider.requests) == 4
    assert set(provider.requests[-1].body) == {"model", "messages", "stream"}


async def test_the_bound_takes_its_other_name() -> None:
    async with picky(refuses=("max_tokens",)) as (provider, model):
        assert (await finished(model, max_tokens=7)).notes == ()
    assert [request.body.get("max_completion_tokens") for request in provider.requests] == [None, 7]


async def test_a_format_goes_into_the_prompt() -> None:
    async with picky(formats=("text",)) as (provider, model):
        told = await finished(model, response_format=SCHEMA)
    assert told.notes == ("The model takes no response_format json_schema: the prompt asked for it.",)
    kinds = [request.body.get("response_format", {}).get("type") for request in provider.requests]
    assert kinds == ["json_schema", "json_object", None]
    assert '{"type": "object"}' in provider.requests[-1].body["messages"][0]["content"]


async def test_after_three_lessons_the_refusal_is_told() -> None:
    refused = ("temperature", "top_p", "stream_options", "reasoning_effort")
    async with picky(refuses=refused) as (provider, model):
        with pytest.raises(ModelFault, match="reasoning_effort"):
            await finished(model, temperature=0.2, top_p=0.5, reasoning_effort="low")
        assert len(provider.requests) == 4
        await finished(model, temperature=0.2, top_p=0.5)
        assert len(provider.requests) == 5


async def test_tools_are_never_left_out() -> None:
    tool = {"type": "function", "function": {"name": "weather"}}
    async with picky(calls=0) as (provider, model):
        with pytest.raises(ModelFault, match="does not support tools"):
            await finished(model, tools=(tool,))
    assert len(provider.requests) == 1


async def test_what_a_refusal_repeats_of_the_request_teaches_nothing() -> None:
    told = {"type": "too_long", "loc": ["body"], "msg": "Unsupported length", "input": "temperature"}
    nested: Any = "temperature"
    for _ in range(200):
        nested = [nested]
    refusal = sends(msgspec.json.encode({"detail": [told, nested]}), status=422, content_type="application/json")
    async with FakeProvider(default=refusal) as provider:
        model = OpenAICompatible(provider.base_url, None)
        with pytest.raises(ModelFault, match="Unsupported length"):
            await finished(model, temperature=0.2)
        await model.close()
    assert len(provider.requests) == 1


async def test_another_refusal_is_asked_once() -> None:
    async with FakeProvider(default=Fails(404, "Unknown parameter: 'temperature'")) as provider:
        model = OpenAICompatible(provider.base_url, None)
        with pytest.raises(ModelFault):
            await finished(model, temperature=0.2)
        await model.close()
    assert len(provider.requests) == 1


async def test_requests_side_by_side_learn_together() -> None:
    async with picky(refuses=("temperature",)) as (provider, model):
        told = await asyncio.gather(*(finished(model, temperature=0.2) for _ in range(8)))
    assert all(len(one.notes) == 1 for one in told)
    assert len(provider.requests) <= 16


async def test_what_a_probe_found_out_needs_no_refusal() -> None:
    findings = Findings(bound="max_completion_tokens", temperature=False, stream_usage=False, json_schema=False)
    profile = ModelProfile(place="any", model="m", probed_at=0.0, findings=findings)
    refused = ("max_tokens", "temperature", "stream_options")
    async with picky(known=Known(profiles=(profile,)), refuses=refused) as (provider, model):
        await finished(model, max_tokens=7, temperature=0.2, response_format=SCHEMA)
    assert len(provider.requests) == 1
    assert provider.requests[0].body["response_format"] == {"type": "json_object"}


async def test_a_prompt_that_is_too_long_tells_the_limit_and_teaches_it() -> None:
    async with picky(context=2_000) as (_, model):
        with pytest.raises(WindowExceeded) as caught:
            await finished(model, messages=LONG)
        assert caught.value.limit == 2_000
        assert (await model.facts("m")).context_tokens == 2_000


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Bad value for input: maximum context length is 2000", None),
        ("Bad value 'hm, maximum context length is 2000'", None),
        ("Bad value 'hm, maximum context length is 2000'", "context_length_exceeded"),
        ("This model's maximum context length is 1 token.", None),
        ("This model's maximum context length is 900000 tokens.", "context_length_exceeded"),
    ],
)
async def test_no_request_makes_a_model_smaller_for_everybody(message: str, code: str | None) -> None:
    body = msgspec.json.encode({"error": {"message": message, "code": code}})
    async with FakeProvider(default=sends(body, status=400, content_type="application/json")) as provider:
        model = OpenAICompatible(provider.base_url, None)
        assert (await model.facts("m")).context_tokens is None
        with pytest.raises(ModelFault):
            await finished(model, messages=LONG)
        assert (await model.facts("m")).context_tokens is None
        await model.close()


async def test_a_stream_that_begins_with_that_refusal_does_the_same() -> None:
    error = {"message": "This model's maximum context length is 8192 tokens.", "code": 400}
    async with FakeProvider(sends(event({"error": error}))) as provider:
        model = OpenAICompatible(provider.base_url, None)
        assert (await model.facts("m")).context_tokens is None
        with pytest.raises(WindowExceeded):
            await finished(model, messages=LONG)
        assert (await model.facts("m")).context_tokens == 8192
        await model.close()
