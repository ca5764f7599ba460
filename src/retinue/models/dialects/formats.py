"""A `response_format` for providers that have none of its kind: what they can't hold to, the prompt asks for."""

import json
from collections.abc import Sequence

from msgspec import Struct

from retinue.models.base import Json
from retinue.models.dialects.dialect import Dialect

_ALONE = "Answer with JSON alone: one JSON object, without code fences and without a word before or after it."


class Worded(Struct, frozen=True):
    """The messages that ask for a format, and the format that is sent beside them."""

    messages: Sequence[Json]
    response_format: Json | None
    note: str | None = None
    """What was done otherwise than asked for."""


def format_of(messages: Sequence[Json], response_format: Json | None, dialect: Dialect) -> Worded:
    """Return how the dialect is asked for the format: by the parameter where it can, else by the prompt."""
    kind = (response_format or {}).get("type")
    can = frozenset() if "response_format" in dialect.refuses else dialect.formats
    if response_format is None or kind in can or kind not in ("json_object", "json_schema"):
        return Worded(messages, response_format)
    asked = [*_persona(messages), {"role": "system", "content": _sentence(response_format)}, *_rest(messages)]
    sent = {"type": "json_object"} if "json_object" in can else None
    return Worded(asked, sent, f"The model takes no response_format {kind}: the prompt asked for it.")


def _sentence(response_format: Json) -> str:
    schema = (response_format.get("json_schema") or {}).get("schema")
    if schema is None:
        return _ALONE
    return f"{_ALONE} It conforms to this JSON schema:\n{json.dumps(schema, ensure_ascii=False)}"


def _persona(messages: Sequence[Json]) -> Sequence[Json]:
    return messages[: _instructions(messages)]


def _rest(messages: Sequence[Json]) -> Sequence[Json]:
    return messages[_instructions(messages) :]


def _instructions(messages: Sequence[Json]) -> int:
    """Return how many messages at the beginning are instructions."""
    roles = [message["role"] for message in messages]
    return next((at for at, role in enumerate(roles) if role not in ("system", "developer")), len(roles))
