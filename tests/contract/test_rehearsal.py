"""What the rehearsal model answers, held to OpenAI's document."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contract.validator import validate_error, validate_object
from retinue.core.errors import InvalidRequest, ModelFault
from retinue.models import Operation, RelayRequest
from retinue.models.rehearsal import Rehearsal, load_script

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "sum",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "integer"}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    },
}
CHATS: dict[str, dict[str, Any]] = {
    "text": {},
    "choices": {"n": 3},
    "tools": {"messages": "What is the weather in Paris and in Rome?", "tools": [WEATHER]},
    "forced": {"messages": "Rome", "tools": [WEATHER], "tool_choice": "required"},
    "schema": {"messages": "What is 6 * 7?", "response_format": SCHEMA},
    "json": {"response_format": {"type": "json_object"}},
    "bounded": {"max_tokens": 2},
    "bounded newly": {"max_completion_tokens": 2},
    "stopped": {"stop": "rehearsal"},
    "unknown": {"seed": 4, "logit_bias": {"5": -100}, "no_such_parameter": [1]},
}


async def asked(operation: Operation, body: dict[str, Any], model: Rehearsal | None = None) -> tuple[int, bytes]:
    parameters = {name: msgspec.Raw(json.dumps(value).encode()) for name, value in body.items()}
    stream = bool(body.get("stream"))
    request = RelayRequest(operation=operation, model="gpt-4o", parameters=parameters, stream=stream)
    async with (model or Rehearsal()).relay(request) as answer:
        return answer.status, b"".join([piece async for piece in answer.pieces])


def chat(fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    content = fields.get("messages", "hello")
    return {"model": "gpt-4o", **fields, "messages": [{"role": "user", "content": content}], **more}


def chunks_of(raw: bytes) -> list[dict[str, Any]]:
    """The data of a stream's events, which are nothing but data, without the end mark."""
    *frames, done, rest = raw.split(b"\n\n")
    assert (done, rest) == (b"data: [DONE]", b"")
    assert all(frame.startswith(b"data: {") for frame in frames)
    return [json.loads(frame.removeprefix(b"data: ")) for frame in frames]


async def whole(fields: dict[str, Any]) -> dict[str, Any]:
    status, raw = await asked("chat/completions", chat(fields))
    assert status == 200
    completion: dict[str, Any] = json.loads(raw)
    validate_object("CreateChatCompletionResponse", completion)
    return completion


async def streamed(fields: dict[str, Any]) -> list[dict[str, Any]]:
    status, raw = await asked("chat/completions", chat(fields, stream=True))
    assert status == 200
    chunks = chunks_of(raw)
    for chunk in chunks:
        validate_object("CreateChatCompletionStreamResponse", chunk)
    return chunks


@pytest.mark.parametrize("name", CHATS)
async def test_a_chat_completion_is_what_the_document_says(name: str) -> None:
    completion = await whole(CHATS[name])
    assert [choice["index"] for choice in completion["choices"]] == list(range(CHATS[name].get("n", 1)))
    used = completion["usage"]
    assert used["prompt_tokens"] + used["completion_tokens"] == used["total_tokens"]


@pytest.mark.parametrize("name", CHATS)
async def test_chunks_add_up_to_the_completion(name: str) -> None:
    completion = await whole(CHATS[name])
    chunks = await streamed(CHATS[name])
    assert len({(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks}) == 1
    assert all("usage" not in chunk for chunk in chunks)
    for choice in completion["choices"]:
        own = [part for chunk in chunks for part in chunk["choices"] if part["index"] == choice["index"]]
        assert own[0]["delta"]["role"] == "assistant"
        assert all("role" not in part["delta"] for part in own[1:])
        text = "".join(part["delta"].get("content") or "" for part in own)
        assert text == (choice["message"]["content"] or "")
        assert [part["finish_reason"] for part in own] == [None] * (len(own) - 1) + [choice["finish_reason"]]
        assert own[-1]["delta"] == {}
        assert told_calls(own) == [
            (call["function"]["name"], call["function"]["arguments"])
            for call in choice["message"].get("tool_calls", ())
        ]


def told_calls(parts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for call in (call for part in parts for call in part["delta"].get("tool_calls", ())):
        if "id" in call:
            assert call["index"] not in names
            names[call["index"]] = call["function"]["name"]
        arguments[call["index"]] = arguments.get(call["index"], "") + call["function"]["arguments"]
    return [(name, arguments[index]) for index, name in names.items()]


async def test_usage_is_the_last_chunk_and_null_before() -> None:
    *chunks, last = await streamed({"stream_options": {"include_usage": True}, "n": 2})
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] > 0
    assert [chunk["usage"] for chunk in chunks] == [None] * len(chunks)


async def test_a_stop_is_left_out_with_all_that_follows() -> None:
    full = (await whole({}))["choices"][0]["message"]["content"]
    (choice,) = (await whole({"stop": ["no such words", "the reh", "What"]}))["choices"]
    assert choice["message"]["content"] == full.partition("the reh")[0]
    assert choice["finish_reason"] == "stop"


async def test_a_bound_ends_the_reply_as_length() -> None:
    assert (await whole({"max_tokens": 1}))["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_a_scripted_fault_is_an_http_error(status: int, stream: bool, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"rules: [{{fault: {{status: {status}, message: Because.}}}}]", "utf-8")
    model = Rehearsal(load_script(tmp_path / "s.yaml"))
    got, raw = await asked("chat/completions", chat({}, stream=stream), model)
    assert got == status
    error = json.loads(raw)
    validate_error(got, error)
    assert error["error"]["message"] == "Because."


async def test_a_cut_stream_is_broken_off_after_what_was_said(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("rules: [{reply: one two three, pieces: 3, fault: {cut_after: 2}}]", "utf-8")
    model = Rehearsal(load_script(tmp_path / "s.yaml"))
    parameters = {name: msgspec.Raw(json.dumps(value).encode()) for name, value in chat({}).items()}
    request = RelayRequest(operation="chat/completions", model="m", parameters=parameters, stream=True)
    got: list[bytes] = []
    with pytest.raises(ModelFault, match="broke the reply off"):  # noqa: PT012 - what came before is kept
        async with model.relay(request) as answer:
            async for piece in answer.pieces:
                got.append(piece)  # noqa: PERF401 - as above
    assert len(got) == 3


PROMPTS: list[Any] = ["What is 2+2?", ["hello", "What is 2+2?"], [1, 2, 3], [[1, 2], [3]]]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("more", [{}, {"n": 2, "echo": True}, {"max_tokens": 2, "stop": "x"}])
async def test_a_completion_of_prompts_is_what_the_document_says(prompt: Any, more: dict[str, Any]) -> None:
    body = {"model": "m", "prompt": prompt, **more}
    completion = json.loads((await asked("completions", body))[1])
    validate_object("CreateCompletionResponse", completion)
    _, raw = await asked("completions", {**body, "stream": True, "stream_options": {"include_usage": True}})
    chunks = chunks_of(raw)
    assert chunks.pop()["usage"] == completion["usage"]
    parts = [part for chunk in chunks for part in chunk["choices"]]
    for choice in completion["choices"]:
        own = [part for part in parts if part["index"] == choice["index"]]
        assert "".join(part["text"] for part in own) == choice["text"]
        assert own[-1]["finish_reason"] == choice["finish_reason"]
    for chunk in chunks:
        for part in chunk["choices"]:
            part["finish_reason"] = part["finish_reason"] or "stop"  # null amid a stream, which the document leaves out
        validate_object("CreateCompletionResponse", chunk)


@pytest.mark.parametrize("given", ["one text", ["one", "two"], [1, 2, 3], [[1, 2], [3]]])
async def test_embeddings_are_what_the_document_says(given: Any) -> None:
    status, raw = await asked("embeddings", {"model": "m", "input": given})
    assert status == 200
    validate_object("CreateEmbeddingResponse", json.loads(raw))


BAD: list[tuple[Operation, dict[str, Any], str]] = [
    ("chat/completions", chat({}, n=0), "n"),
    ("chat/completions", chat({}, n=9), "n"),
    ("chat/completions", chat({}, stop=3), "stop"),
    ("chat/completions", chat({}, stop=["a"] * 5), "stop"),
    ("chat/completions", chat({}, max_tokens=0), "max_tokens"),
    ("chat/completions", chat({}, tools=["x"]), "tools[0]"),
    ("chat/completions", chat({}, tools=[{"function": {"name": 3}}]), "tools[0].function.name"),
    ("chat/completions", chat({}, response_format="json"), "response_format"),
    ("chat/completions", chat({}, stream_options=True), "stream_options"),
    ("chat/completions", {"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
    ("chat/completions", {"messages": [{"role": "assistant", "tool_calls": "x"}]}, "messages[0].tool_calls"),
    ("chat/completions", {"messages": [{"role": "user", "content": "x" * 256_001}]}, "messages"),
    ("completions", {"prompt": {"a": 1}}, "prompt"),
    ("completions", {"prompt": []}, "prompt"),
    ("completions", {"prompt": None}, "prompt"),
    ("embeddings", {"input": ""}, "input"),
    ("embeddings", {"input": []}, "input"),
    ("embeddings", {"input": ["a", ""]}, "input"),
    ("embeddings", {"input": [[]]}, "input[0]"),
    ("embeddings", {"input": [1.5]}, "input[0]"),
    ("embeddings", {"input": "x", "dimensions": 0}, "dimensions"),
    ("embeddings", {"input": "x", "dimensions": 10_000}, "dimensions"),
    ("embeddings", {"input": ["x"] * 2_000, "dimensions": 3_000}, "input"),
    ("embeddings", {"input": "x", "encoding_format": "hex"}, "encoding_format"),
]


@pytest.mark.parametrize(("operation", "body", "param"), BAD)
async def test_what_it_can_not_use_is_refused_by_name(operation: Operation, body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await asked(operation, body)
    assert caught.value.param == param


async def test_it_refuses_in_the_words_of_the_rest() -> None:
    with pytest.raises(InvalidRequest) as caught:
        await asked("chat/completions", chat({}, n="3"))
    assert caught.value.message == "Invalid type for 'n': expected one of an integer or null, but got a string instead."
    assert caught.value.code == "invalid_type"


async def test_it_moderates_nothing_and_says_what_would() -> None:
    with pytest.raises(InvalidRequest, match="OPENAI_API_KEY"):
        await asked("moderations", {"input": "x"})
