"""Chat completions: whole, streamed, with tools, as JSON; completions of prompts; errors by class; the async client."""

import asyncio
import json

import openai
from openai import AsyncOpenAI, OpenAI

HELLO = "Hello! This is a reply that comes in several pieces."
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}

client = OpenAI(max_retries=0)
chat = client.chat.completions


def said(text):
    return [{"role": "user", "content": text}]


# Whole
completion = chat.create(model="gpt-4o", messages=said("say hello"), temperature=0.2, user="me", seed=7)
assert completion.object == "chat.completion", completion
assert completion.choices[0].message.role == "assistant", completion
assert completion.choices[0].message.content == HELLO, completion
assert completion.choices[0].finish_reason == "stop", completion
assert completion.usage.total_tokens == 19, completion

# What nobody knows goes on too
completion = chat.create(model="gpt-4o", messages=said("say hello"), extra_body={"no_such_parameter": {"a": [1]}})
assert completion.choices[0].message.content == HELLO, completion

# Several, bounded, stopped
completion = chat.create(model="gpt-4o", messages=said("say hello"), n=3)
assert [choice.message.content for choice in completion.choices] == [HELLO] * 3, completion
completion = chat.create(model="gpt-4o", messages=said("ramble"), max_tokens=5)
assert completion.choices[0].finish_reason == "length", completion
completion = chat.create(model="gpt-4o", messages=said("say hello"), stop=[" reply", "never"])
assert completion.choices[0].message.content == "Hello! This is a", completion

# Raw
raw = chat.with_raw_response.create(model="gpt-4o", messages=said("say hello"))
assert raw.headers["x-request-id"].startswith("req_"), raw.headers
assert raw.parse().choices[0].message.content == HELLO

# Streamed
chunks = list(chat.create(model="gpt-4o", messages=said("say hello"), stream=True))
assert len({chunk.id for chunk in chunks}) == 1, chunks
assert chunks[0].choices[0].delta.role == "assistant", chunks[0]
assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == HELLO, chunks
assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"], chunks

# With what it cost; by extra_body, for the oldest clients don't know the parameter
*chunks, last = chat.create(
    model="gpt-4o", messages=said("say hello"), stream=True, extra_body={"stream_options": {"include_usage": True}}
)
assert last.choices == [], last
assert last.usage is not None, last
usage = last.usage if isinstance(last.usage, dict) else last.usage.model_dump()  # a field that the oldest don't know
assert usage["total_tokens"] == 19, last

# The tools loop
messages = said("weather in Paris and Rome")
completion = chat.create(model="gpt-4o", messages=messages, tools=[WEATHER], tool_choice="auto")
assert completion.choices[0].finish_reason == "tool_calls", completion
message = completion.choices[0].message
cities = [json.loads(call.function.arguments)["city"] for call in message.tool_calls]
assert cities == ["Paris", "Rome"], message
messages.append(message)
for call in message.tool_calls:
    messages.append({"role": "tool", "tool_call_id": call.id, "content": f"{call.function.arguments}: sunny"})
completion = chat.create(model="gpt-4o", messages=messages, tools=[WEATHER])
assert completion.choices[0].message.content.count("sunny") == 2, completion

# Tool calls, streamed
calls = {}
for chunk in chat.create(
    model="gpt-4o", messages=said("weather in Paris and Rome"), tools=[WEATHER], tool_choice="required", stream=True
):
    for delta in chunk.choices[0].delta.tool_calls or []:
        call = calls.setdefault(delta.index, {"id": delta.id, "name": delta.function.name, "arguments": ""})
        call["arguments"] += delta.function.arguments or ""
assert [json.loads(call["arguments"])["city"] for call in calls.values()] == ["Paris", "Rome"], calls
assert len({call["id"] for call in calls.values()}) == 2, calls

# JSON
completion = chat.create(model="gpt-4o", messages=said("what is 6 * 7?"), response_format={"type": "json_object"})
assert isinstance(json.loads(completion.choices[0].message.content), dict), completion
schema = {
    "type": "object",
    "properties": {"answer": {"type": "integer"}, "working": {"type": "string"}},
    "required": ["answer", "working"],
    "additionalProperties": False,
}
completion = chat.create(
    model="gpt-4o",
    messages=said("what is 6 * 7?"),
    response_format={"type": "json_schema", "json_schema": {"name": "sum", "strict": True, "schema": schema}},
)
assert json.loads(completion.choices[0].message.content)["answer"] == 42, completion

# Helpers of newer clients
beta = getattr(client.beta, "chat", None)
newer = next((c for c in (chat, beta and beta.completions) if hasattr(c, "parse")), None)
if newer is not None:
    from pydantic import BaseModel

    class Sum(BaseModel):
        answer: int

    parsed = newer.parse(model="gpt-4o", messages=said("what is 6 * 7?"), response_format=Sum)
    assert parsed.choices[0].message.parsed.answer == 42, parsed
streaming = next((c for c in (chat, beta and beta.completions) if hasattr(c, "stream")), None)
if streaming is not None:
    with streaming.stream(model="gpt-4o", messages=said("say hello"), stream_options={"include_usage": True}) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert "".join(deltas) == HELLO == final.choices[0].message.content, final
    assert final.usage.total_tokens == 19, final

# Completions of prompts
completion = client.completions.create(model="gpt-3.5-turbo-instruct", prompt=["say hello", "echo this"])
assert [choice.text for choice in completion.choices] == [HELLO, "You said: echo this"], completion
stream = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="say hello", stream=True)
assert "".join(chunk.choices[0].text for chunk in stream) == HELLO


def refused(kind, words, ask, **wanted):
    try:
        ask()
    except kind as error:
        assert words in str(error), error
        for name, value in wanted.items():
            assert getattr(error, name) == value, (name, error)
        return
    raise AssertionError(f"{kind.__name__} was not raised")


refused(
    openai.BadRequestError,
    "Invalid 'messages': array too short.",
    lambda: chat.create(model="gpt-4o", messages=[]),
    param="messages",
    code="array_below_min_length",
)
refused(openai.BadRequestError, "'model'", lambda: chat.create(model="", messages=said("x")), param="model")
refused(
    openai.RateLimitError,
    "slow down, please",
    lambda: chat.create(model="gpt-4o", messages=said("fail with 429")),
    status_code=429,
)
refused(
    openai.InternalServerError,
    "the model fell over",
    lambda: chat.create(model="gpt-4o", messages=said("fail with 500"), stream=True),
    status_code=500,
)
refused(
    openai.InternalServerError,
    "could not be reached",
    lambda: chat.create(model="gpt-4o", messages=said("fail unreachable")),
    status_code=502,
)
refused(openai.BadRequestError, "OPENAI_API_KEY", lambda: client.moderations.create(input="x"))
text = []


def broken_off():
    for chunk in chat.create(model="gpt-4o", messages=said("fail in the middle"), stream=True):
        text.append(chunk.choices[0].delta.content or "")


refused(openai.APIError, "", broken_off)
assert "".join(text).startswith("This answer"), text


async def main():
    async with AsyncOpenAI() as many:
        one = many.chat.completions.create

        async def hello():
            stream = await one(model="gpt-4o", messages=said("say hello"), stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

        assert await asyncio.gather(*(hello() for _ in range(20))) == [HELLO] * 20
        completion = await one(model="gpt-4o", messages=said("say hello"))
        assert completion.choices[0].message.content == HELLO, completion

        # One that leaves amid a stream leaves nothing behind
        stream = await one(model="gpt-4o", messages=said("count slowly"), stream=True)
        await stream.__anext__()
        await stream.response.aclose()
        assert await hello() == HELLO


asyncio.run(main())
