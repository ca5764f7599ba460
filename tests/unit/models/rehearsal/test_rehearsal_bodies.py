"""Bodies of any shape: what they ask for is answered or refused, and nothing else happens."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from retinue.core.errors import InvalidRequest
from retinue.models import Operation, RelayRequest
from retinue.models.rehearsal import Rehearsal

NAMES = [
    *("role", "content", "text", "type", "image_url", "url", "tool_calls", "tool_call_id", "id", "name", "function"),
    *("arguments", "parameters", "properties", "required", "items", "enum", "json_schema", "schema", "description"),
    *("input", "n", "stop", "include_usage", "strict", "anyOf", "$ref"),
]
simple = st.none() | st.booleans() | st.integers(-5, 300) | st.floats(allow_nan=False) | st.text(max_size=5)
words = st.sampled_from(
    ["user", "assistant", "tool", "system", "function", "text", "json_schema", "json_object", "object", "string"]
)
anything = st.recursive(
    simple | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
contents = st.text(max_size=20) | st.lists(st.fixed_dictionaries({"type": words}, optional={"text": anything}))
messages = st.lists(
    st.fixed_dictionaries(
        {"role": words},
        optional={"content": contents | anything, "tool_calls": st.lists(anything, max_size=2) | anything},
    ),
    min_size=1,
    max_size=3,
)
tools = st.lists(st.fixed_dictionaries({"type": words, "function": anything}), max_size=2)
chats = st.fixed_dictionaries(
    {"messages": messages},
    optional={
        "tools": tools | anything,
        "tool_choice": words | anything,
        "response_format": st.fixed_dictionaries({"type": words, "json_schema": anything}) | anything,
        "n": st.integers(0, 3) | anything,
        "stop": st.text() | anything,
        "max_tokens": st.integers(0, 5) | anything,
        "stream_options": anything,
        "stream": st.booleans(),
    },
)


async def answered(operation: Operation, body: dict[str, Any]) -> None:
    parameters = {name: msgspec.Raw(json.dumps(value).encode()) for name, value in body.items()}
    request = RelayRequest(operation=operation, model="m", parameters=parameters, stream=body.get("stream") is True)
    try:
        async with Rehearsal().relay(request) as answer:
            raw = b"".join([piece async for piece in answer.pieces])
    except InvalidRequest:
        return
    assert answer.status in (200, 400)
    assert raw


@settings(deadline=None)
@given(body=chats)
async def test_chats_of_any_shape(body: dict[str, Any]) -> None:
    await answered("chat/completions", body)


@settings(deadline=None)
@given(given_=anything, n=st.integers(0, 3) | anything, stream=st.booleans())
async def test_prompts_of_any_shape(given_: Any, n: Any, stream: bool) -> None:
    await answered("completions", {"prompt": given_, "n": n, "stream": stream})


@settings(deadline=None)
@given(given_=anything, dimensions=st.integers(0, 9) | anything, encoding=st.sampled_from(["float", "base64", "x", 1]))
async def test_inputs_of_any_shape(given_: Any, dimensions: Any, encoding: Any) -> None:
    await answered("embeddings", {"input": given_, "dimensions": dimensions, "encoding_format": encoding})
