"""The fake provider is for users too: it must satisfy the official client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI, RateLimitError
from openai.types.chat import ChatCompletionUserMessageParam

from retinue.testing import Call, Embeds, Fails, FakeClock, FakeProvider, Flags, Json, Says, calls, says

HELLO: list[ChatCompletionUserMessageParam] = [{"role": "user", "content": "Hello"}]


@asynccontextmanager
async def official(provider: FakeProvider) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=provider.base_url, api_key="any", max_retries=0) as client:
        yield client


async def test_the_official_client_reads_a_completion() -> None:
    async with FakeProvider(says("Hel", "lo", usage=(3, 2))) as provider, official(provider) as client:
        completion = await client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert completion.choices[0].message.content == "Hello"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 5
    assert provider.requests[0].headers["authorization"] == "Bearer any"


async def test_the_official_client_reads_a_stream() -> None:
    async with FakeProvider(calls(Call(name="f", arguments='{"x":1}'))) as provider, official(provider) as client:
        stream = await client.chat.completions.create(model="gpt-4o", messages=HELLO, stream=True)
        deltas = [chunk.choices[0].delta async for chunk in stream]
    pieces = [call.function for delta in deltas for call in delta.tool_calls or [] if call.function]
    assert pieces[0].name == "f"
    assert "".join(piece.arguments or "" for piece in pieces) == '{"x":1}'


async def test_the_official_client_gets_the_error() -> None:
    async with FakeProvider(Fails(429, "Slow down.", {"Retry-After": "7"})) as provider, official(provider) as client:
        with pytest.raises(RateLimitError, match="Slow down") as caught:
            await client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert caught.value.response.headers["Retry-After"] == "7"


async def test_a_function_in_the_script_answers_what_was_asked() -> None:
    def echo(body: Json) -> Says:
        return says(body["messages"][-1]["content"].upper())

    async with FakeProvider(echo) as provider, official(provider) as client:
        completion = await client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert completion.choices[0].message.content == "HELLO"


async def test_the_official_client_reads_completions_of_prompts() -> None:
    async with FakeProvider(default=says("Hel", "lo", usage=(3, 2))) as provider, official(provider) as client:
        completion = await client.completions.create(model="m", prompt="Say hello")
        stream = await client.completions.create(model="m", prompt="Say hello", stream=True)
        streamed = "".join([chunk.choices[0].text async for chunk in stream])
    assert completion.choices[0].text == streamed == "Hello"
    assert completion.usage is not None
    assert completion.usage.total_tokens == 5
    assert provider.requests[0].path == "/v1/completions"


async def test_the_official_client_reads_embeddings() -> None:
    async with FakeProvider() as provider, official(provider) as client:
        near = await client.embeddings.create(model="e", input=["a red cat", "the red cat"])
        small = await client.embeddings.create(model="e", input=[1, 2], dimensions=8, encoding_format="float")
        provider.embeddings = Embeds([[0.5, -0.25]])
        told = await client.embeddings.create(model="e", input="x")
        provider.embeddings = Fails(429, "Slow down.")
        with pytest.raises(RateLimitError, match="Slow down"):
            await client.embeddings.create(model="e", input="x")
    one, other = (entry.embedding for entry in near.data)
    assert sum(a * b for a, b in zip(one, other, strict=True)) > 0.9
    assert [len(entry.embedding) for entry in small.data] == [8]
    assert told.data[0].embedding == [0.5, -0.25]


async def test_the_official_client_reads_moderations() -> None:
    async with FakeProvider() as provider, official(provider) as client:
        clear = await client.moderations.create(input=["a", "b"])
        provider.moderations = Flags(("violence",))
        flagged = await client.moderations.create(input="c")
    assert [result.flagged for result in clear.results] == [False, False]
    assert flagged.results[0].flagged
    assert flagged.results[0].categories.violence
    assert not flagged.results[0].categories.hate


def test_the_clock_moves_when_it_is_told_to() -> None:
    clock = FakeClock(100.0)
    assert clock() == clock() == 100.0
    clock.advance(60)
    assert clock() == 160.0
