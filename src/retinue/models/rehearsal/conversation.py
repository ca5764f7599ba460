"""Conversations: what the messages of a request come to, seen from the last thing the user said."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from retinue.models.base import Json


class Answered(Struct, frozen=True, kw_only=True):
    """A tool call that has its output."""

    name: str | None
    """None where no call with the output's id was sent."""
    arguments: str
    output: str


class Conversation(Struct, frozen=True, kw_only=True):
    """The messages of one request, read once."""

    system: str = ""
    user: str = ""
    """Text of the last user message."""
    images: int = 0
    """How many images the last user message has."""
    earlier: tuple[str, ...] = ()
    """Texts of the user messages before the last one, oldest first."""
    previous: str = ""
    """Text of whatever was said right before the last user message."""
    outputs: tuple[Answered, ...] = ()
    """What tools gave since the last user message, in order."""
    turn: int = 0
    """How many assistant messages there are so far."""


def read(messages: Sequence[Json]) -> Conversation:
    """Return what these chat messages come to."""
    users = [at for at, message in enumerate(messages) if message.get("role") == "user"]
    last = users[-1] if users else -1
    said = [text for message in messages[: max(last, 0)] if (text := _spoken(message))]
    return Conversation(
        system="\n".join(text_of(m.get("content")) for m in messages if m.get("role") in _SYSTEM_ROLES),
        user=text_of(messages[last].get("content")) if users else "",
        images=_images(messages[last].get("content")) if users else 0,
        earlier=tuple(text_of(messages[at].get("content")) for at in users[:-1]),
        previous=said[-1] if said else "",
        outputs=_outputs(messages[last + 1 :]),
        turn=sum(1 for m in messages if m.get("role") == "assistant"),
    )


def text_of(content: Any) -> str:
    """Return the text of a message's content, which is a string, a list of parts or nothing."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
    return "\n".join(text for text in texts if isinstance(text, str))


_SYSTEM_ROLES = ("system", "developer")


def _spoken(message: Json) -> str:
    return text_of(message.get("content")) if message.get("role") in ("user", "assistant") else ""


def _images(content: Any) -> int:
    if not isinstance(content, list):
        return 0
    return sum(1 for part in content if isinstance(part, dict) and part.get("type") == "image_url")


def _outputs(messages: Sequence[Json]) -> tuple[Answered, ...]:
    calls = {call.get("id"): call.get("function") or {} for m in messages for call in m.get("tool_calls") or ()}
    return tuple(
        _answered(calls.get(message.get("tool_call_id")) or {}, text_of(message.get("content")))
        for message in messages
        if message.get("role") == "tool"
    )


def _answered(function: Json, output: str) -> Answered:
    return Answered(name=function.get("name"), arguments=function.get("arguments") or "", output=output)
