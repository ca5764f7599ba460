"""The fake provider is for users too: it must satisfy the official client."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI, RateLimitError
from openai.types.chat import ChatCompletionUserMessageParam

from retinue.testing import Call, Fails, FakeClock, FakeProvider, Json, Says, calls, says

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


def test_the_clock_moves_when_it_is_told_to() -> None:
    clock = FakeClock(100.0)
    assert clock() == clock() == 100.0
    clock.advance(60)
    assert clock() == 160.0
