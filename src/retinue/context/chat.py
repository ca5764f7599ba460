"""A thread's items as chat messages, so that every tool call has its output and the other way round."""

from collections.abc import Iterator, Sequence
from typing import Any

from retinue.core.item import ImageFile, ImageUrl, Item, Message, Part, Text, ToolCall, ToolOutput

Json = dict[str, Any]
Outputs = dict[tuple[str, str], ToolOutput]  # by step and call_id: some models number calls anew in every turn


def to_chat(items: Sequence[Item], *, run: str) -> Iterator[Json]:
    """Yield chat messages for the items; `run` is the run that is asking.

    Left out: calls that were never answered (their run was cancelled), and what this run's own abandoned
    attempts had begun to say. The calls of one step go into one chat message, with the text said before them.
    """
    outputs = {(item.step_id, item.call_id): item for item in items if isinstance(item, ToolOutput)}
    text: Json | None = None
    step: str | None = None
    calls: list[ToolCall] = []
    for item in items:
        if calls and not (isinstance(item, ToolCall) and item.step_id == step):
            yield from _round(text, calls, outputs)
            text, calls = None, []
        match item:
            case Message():
                if text:
                    yield text
                text = None
                message = _message(item)
                if item.status == "completed" or (item.run_id != run and message["content"]):
                    if item.role == "assistant":
                        text = message
                    else:
                        yield message
            case ToolCall():
                step = item.step_id
                calls += [item] if (item.step_id, item.call_id) in outputs else []
            case ToolOutput():
                pass
    if calls:
        yield from _round(text, calls, outputs)
    elif text:
        yield text


def _round(text: Json | None, calls: Sequence[ToolCall], outputs: Outputs) -> Iterator[Json]:
    yield {
        "role": "assistant",
        "content": text["content"] if text else None,
        "tool_calls": [
            {"id": c.call_id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in calls
        ],
    }
    for call in calls:
        yield {"role": "tool", "tool_call_id": call.call_id, "content": outputs[call.step_id, call.call_id].output}


def _message(message: Message) -> Json:
    parts = [part for part in map(_part, message.content) if part]
    if all(part["type"] == "text" for part in parts):
        return {"role": message.role, "content": "\n".join(part["text"] for part in parts)}
    return {"role": message.role, "content": parts}


def _part(part: Part) -> Json | None:
    match part:
        case Text():
            return {"type": "text", "text": part.value}
        case ImageUrl():
            return {"type": "image_url", "image_url": {"url": part.url, "detail": part.detail}}
        case ImageFile():
            return None  # its bytes come with the files API; the manifest says that it was left out
