"""Chat messages as a dialect takes them: their roles, their order, and what may not be empty."""

from collections.abc import Sequence

from retinue.models.base import Json
from retinue.models.dialects.call_ids import shortened
from retinue.models.dialects.dialect import Dialect

BEGINNING = "(The conversation begins with the assistant.)"
"""What the user is made to say where a model won't hear the assistant first."""
WENT_ON = "(The user went on.)"
"""What the assistant is made to say where a model wants to have answered before the user speaks again."""


def worded(messages: Sequence[Json], dialect: Dialect) -> list[Json]:
    """Return the messages as the dialect takes them; nothing that was said is left out."""
    if _takes_all(dialect):
        return [message for message in messages if not _says_nothing(message)]
    said = [_role_of(message, dialect) for message in messages if not _says_nothing(message)]
    if dialect.user_first:
        said = _user_first(said)
    if dialect.answer_after_tool:
        said = _answered(said)
    said = _merged(said, dialect.merges)
    if not dialect.null_content:
        said = [message | {"content": ""} if message.get("content", "") is None else message for message in said]
    return shortened(said) if dialect.short_ids else said


def _takes_all(dialect: Dialect) -> bool:
    ordered = dialect.merges or dialect.user_first or dialect.answer_after_tool
    return dialect.instructing == "system" and dialect.null_content and not ordered and not dialect.short_ids


def _says_nothing(message: Json) -> bool:
    """Whether it is an answer without a word or a call, which many providers refuse."""
    return message["role"] == "assistant" and not message.get("content") and not message.get("tool_calls")


def _role_of(message: Json, dialect: Dialect) -> Json:
    if message["role"] in ("system", "developer") and message["role"] != dialect.instructing:
        return message | {"role": dialect.instructing}
    return message


def _user_first(messages: list[Json]) -> list[Json]:
    start = next((at for at, message in enumerate(messages) if message["role"] not in ("system", "developer")), None)
    if start is None or messages[start]["role"] != "user":
        start = len(messages) if start is None else start
        return [*messages[:start], {"role": "user", "content": BEGINNING}, *messages[start:]]
    return messages


def _answered(messages: list[Json]) -> list[Json]:
    said: list[Json] = []
    for message in messages:
        if message["role"] == "user" and said and said[-1]["role"] == "tool":
            said.append({"role": "assistant", "content": WENT_ON})
        said.append(message)
    return said


def _merged(messages: list[Json], roles: frozenset[str]) -> list[Json]:
    """Return the messages with neighbours of one role joined, where the role is one of these."""
    said: list[Json] = []
    for message in messages:
        if said and said[-1]["role"] == message["role"] in roles and not said[-1].get("tool_calls"):
            said[-1] = _joined(said[-1], message)
        else:
            said.append(message)
    return said


def _joined(one: Json, other: Json) -> Json:
    first, second = one.get("content"), other.get("content")
    if isinstance(first, str) and isinstance(second, str):
        return one | other | {"content": f"{first}\n\n{second}"}
    return one | other | {"content": [*_parts(first), *_parts(second)]}


def _parts(content: object) -> list[object]:
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": content}] if content else []
