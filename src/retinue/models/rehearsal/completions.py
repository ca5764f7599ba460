"""Chat completions as OpenAI's document has them, of this model's replies: whole, and in chunks."""

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any, assert_never

import msgspec

from retinue.core.ids import new_id
from retinue.core.usage import Usage
from retinue.models.base import REHEARSAL, CallPiece, Finished, Json, ModelEvent, TextPiece
from retinue.models.rehearsal.asked import Completion

DONE = b"data: [DONE]\n\n"

_encode = msgspec.json.Encoder().encode


async def chunks(asked: Completion, events: AsyncIterator[ModelEvent]) -> AsyncIterator[bytes]:
    """Yield the events of a streamed completion, its end mark last."""
    begun = head("chatcmpl", "chat.completion.chunk")
    if asked.wants_usage:
        begun["usage"] = None
    first = True
    async for event in events:
        deltas = _deltas(event)
        if first:
            deltas, first = [_opening(event), *deltas], False
        finish = event.reason if isinstance(event, Finished) else None
        for delta in deltas:
            yield b"".join(_chunk(begun, asked, delta, finish if delta is deltas[-1] else None))
        if isinstance(event, Finished) and event.usage and asked.wants_usage:
            yield frame({**begun, "choices": [], "usage": usage(event.usage, choices=len(asked.choices))})
    yield DONE


async def whole(asked: Completion, events: AsyncIterator[ModelEvent]) -> Json:
    """Return a completion in one piece."""
    text, calls = "", list[Json]()
    completion = head("chatcmpl", "chat.completion")
    async for event in events:
        match event:
            case TextPiece():
                text += event.text
            case CallPiece(name=None):
                calls[event.index]["function"]["arguments"] += event.arguments
            case CallPiece():
                calls.append(_call(event))
            case Finished():
                message: Json = {"role": "assistant", "content": text or (None if calls else ""), "refusal": None}
                if calls:
                    message["tool_calls"] = calls
                choice = {"message": message, "logprobs": None, "finish_reason": event.reason}
                completion["choices"] = [{"index": index, **choice} for index in asked.choices]
                if event.usage:
                    completion["usage"] = usage(event.usage, choices=len(asked.choices))
            case _:
                assert_never(event)
    return completion


def usage(used: Usage, *, choices: int = 1) -> Json:
    """Return the tokens that so many equal choices took."""
    completion = used.completion * choices
    return {
        "prompt_tokens": used.prompt,
        "completion_tokens": completion,
        "total_tokens": used.prompt + completion,
        "prompt_tokens_details": {"cached_tokens": used.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": used.reasoning * choices,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def frame(data: Any) -> bytes:
    """Return an event with this data."""
    return b"data: " + _encode(data) + b"\n\n"


def head(prefix: str, object_: str) -> Json:
    """Return what completions of both sorts, and each of their chunks, begin with."""
    return {
        "id": new_id(prefix, joint="-"),
        "object": object_,
        "created": int(time.time()),
        "model": REHEARSAL,
        "system_fingerprint": "fp_rehearsal",
    }


def _chunk(begun: Json, asked: Completion, delta: Json, finish: str | None) -> Iterator[bytes]:
    for index in asked.choices:
        choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
        yield frame({**begun, "choices": [choice]})


def _opening(event: ModelEvent) -> Json:
    return {"role": "assistant", "content": None if isinstance(event, CallPiece) else "", "refusal": None}


def _deltas(event: ModelEvent) -> list[Json]:
    match event:
        case TextPiece():
            return [{"content": event.text}]
        case CallPiece(name=None):
            return [{"tool_calls": [{"index": event.index, "function": {"arguments": event.arguments}}]}]
        case CallPiece():
            return [{"tool_calls": [{"index": event.index, **_call(event)}]}]
        case Finished():
            return [{}]
        case _:
            assert_never(event)


def _call(piece: CallPiece) -> Json:
    return {"id": piece.id, "type": "function", "function": {"name": piece.name, "arguments": piece.arguments}}
