"""Replies as a provider writes them: whole completions, and streams of chunks."""

from typing import Any

import msgspec

from retinue.testing.answers import Call, Part, Says

Json = dict[str, Any]


def event(chunk: Json | str) -> bytes:
    """Return a server-sent event that holds a chunk, or a mark such as [DONE]."""
    return b"data: " + (chunk.encode() if isinstance(chunk, str) else msgspec.json.encode(chunk)) + b"\n\n"


def chunk(delta: Json | None = None, *, finish: str | None = None, **more: Any) -> bytes:
    """Return the event of one chunk of a completion with this delta; `more` are other fields of the chunk."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return event({"id": "chatcmpl-fake", "object": "chat.completion.chunk", "choices": choices, **more})


def stream(answer: Says, body: Json) -> list[Part]:
    """Return the parts of a streamed chat completion."""
    model = answer.model or body.get("model")
    parts: list[Part] = [chunk({"role": "assistant", "content": ""}, model=model)]
    parts += [chunk({"content": part}, model=model) if isinstance(part, str) else part for part in answer.parts]
    for index, call in enumerate(answer.calls):
        parts += [chunk({"tool_calls": [delta]}, model=model) for delta in _call_deltas(index, call)]
    parts.append(chunk({}, finish=_finish(answer), model=model))
    if answer.usage is not None and (body.get("stream_options") or {}).get("include_usage"):
        parts.append(chunk(usage=_usage(*answer.usage), model=model))
    return [*parts, event("[DONE]")]


def _call_deltas(index: int, call: Call) -> list[Json]:
    middle = len(call.arguments) // 2
    first = {"index": index, "type": "function", **_call(index, call, "")}
    pieces = (call.arguments[:middle], call.arguments[middle:])
    return [first, *({"index": index, "function": {"arguments": piece}} for piece in pieces)]


def _call(index: int, call: Call, arguments: str) -> Json:
    return {"id": call.id or f"call_{index}", "function": {"name": call.name, "arguments": arguments}}


def completion(answer: Says, body: Json) -> Json:
    """Return a whole chat completion."""
    text = "".join(part for part in answer.parts if isinstance(part, str))
    message: Json = {"role": "assistant", "content": text or None}
    if answer.calls:
        message["tool_calls"] = [
            {"type": "function", **_call(index, call, call.arguments)} for index, call in enumerate(answer.calls)
        ]
    whole = {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": answer.model or body.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(answer)}],
    }
    return whole if answer.usage is None else {**whole, "usage": _usage(*answer.usage)}


def text_stream(answer: Says, body: Json) -> list[Part]:
    """Return the parts of a streamed completion of a prompt."""
    head = _text_head(answer, body)
    parts: list[Part] = [
        event({**head, "choices": [_text_choice(part, None)]}) if isinstance(part, str) else part
        for part in answer.parts
    ]
    parts.append(event({**head, "choices": [_text_choice("", _finish(answer))]}))
    if answer.usage is not None and (body.get("stream_options") or {}).get("include_usage"):
        parts.append(event({**head, "choices": [], "usage": _usage(*answer.usage)}))
    return [*parts, event("[DONE]")]


def text_completion(answer: Says, body: Json) -> Json:
    """Return a whole completion of a prompt."""
    text = "".join(part for part in answer.parts if isinstance(part, str))
    whole = {**_text_head(answer, body), "choices": [_text_choice(text, _finish(answer))]}
    return whole if answer.usage is None else {**whole, "usage": _usage(*answer.usage)}


def _text_head(answer: Says, body: Json) -> Json:
    model = answer.model or body.get("model")
    return {"id": "cmpl-fake", "object": "text_completion", "created": 0, "model": model}


def _text_choice(text: str, finish: str | None) -> Json:
    return {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}


def _finish(answer: Says) -> str:
    return answer.finish or ("tool_calls" if answer.calls else "stop")


def _usage(prompt: int, completion: int) -> Json:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
