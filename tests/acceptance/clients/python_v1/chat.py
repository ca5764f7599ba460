"""Beside the assistants: chat completions whole and streamed, functions, older completions, embeddings."""

import json

from openai import BadRequestError, OpenAI

client = OpenAI()
HELLO = "Hello! This is a reply that comes in several pieces."

answer = client.chat.completions.create(
    model="gpt-4o",
    messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "say hello"}],
    temperature=0.5,
)
assert answer.object == "chat.completion", answer
assert answer.choices[0].message.role == "assistant", answer
assert answer.choices[0].message.content == HELLO, answer
assert answer.choices[0].finish_reason == "stop", answer
assert answer.usage.total_tokens == 19, answer.usage

pieces = []
for chunk in client.chat.completions.create(
    model="gpt-4o", messages=[{"role": "user", "content": "say hello"}], stream=True
):
    assert chunk.object == "chat.completion.chunk", chunk
    if chunk.choices:
        pieces.append(chunk.choices[0].delta.content or "")
        finish = chunk.choices[0].finish_reason or ""
assert "".join(pieces) == HELLO, pieces
assert len(pieces) > 2, pieces
assert finish == "stop", finish

# A function, and its output

tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
messages = [{"role": "user", "content": "weather in Oslo"}]
answer = client.chat.completions.create(model="gpt-4o", messages=messages, tools=[tool])
assert answer.choices[0].finish_reason == "tool_calls", answer
(call,) = answer.choices[0].message.tool_calls
assert call.function.name == "get_weather", call
assert json.loads(call.function.arguments) == {"city": "Oslo"}, call
messages += [
    {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]},
    {"role": "tool", "tool_call_id": call.id, "content": "snow"},
]
answer = client.chat.completions.create(model="gpt-4o", messages=messages, tools=[tool])
assert "snow" in answer.choices[0].message.content, answer

try:
    client.chat.completions.create(model="gpt-4o", messages=[])
    raise SystemExit("no messages at all were answered")
except BadRequestError as error:
    assert error.param == "messages", error

# Completions as they were before chat

answer = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="say hello")
assert answer.object == "text_completion", answer
assert answer.choices[0].text == HELLO, answer
text = "".join(
    chunk.choices[0].text
    for chunk in client.completions.create(model="gpt-3.5-turbo-instruct", prompt="say hello", stream=True)
    if chunk.choices
)
assert text == HELLO, text

# Embeddings: the SDK asks for base64 and decodes it where it can

answer = client.embeddings.create(model="text-embedding-ada-002", input=["one", "two"])
assert [entry.index for entry in answer.data] == [0, 1], answer
assert len(answer.data[0].embedding) == len(answer.data[1].embedding) > 1, answer
assert all(isinstance(number, float) for number in answer.data[0].embedding), answer.data[0].embedding[:3]
assert answer.data[0].embedding != answer.data[1].embedding
