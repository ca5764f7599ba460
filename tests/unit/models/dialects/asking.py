"""Requests for the tests of dialects, and the bodies that they come to."""

from typing import Any

from retinue.models import ModelRequest
from retinue.models.base import Json
from retinue.models.dialects import Body, body_in, dialect_of
from retinue.models.dialects.known import for_model

WEATHER: Json = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object"}, "strict": True},
}
SCHEMA: Json = {
    "type": "json_schema",
    "json_schema": {"name": "place", "strict": True, "schema": {"type": "object", "properties": {"city": {}}}},
}
CHAT: tuple[Json, ...] = ({"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"})
EVERYTHING: dict[str, Any] = {
    "tools": (WEATHER,),
    "tool_choice": "auto",
    "parallel_tool_calls": False,
    "reasoning_effort": "low",
    "temperature": 0.2,
    "top_p": 0.5,
    "max_tokens": 7,
}


def asked(base_url: str, model: str, *messages: Json, named: str | None = None, **fields: Any) -> Body:
    """What a provider at this address is sent for a model, when all of this is asked for."""
    dialect = for_model(dialect_of(base_url, named=named), model, base_url)
    return body_in(dialect, ModelRequest(model=model, messages=messages or CHAT, **fields), model)


def roles(body: Body) -> list[str]:
    return [message["role"] for message in body.fields["messages"]]


def contents(body: Body) -> list[Any]:
    return [message.get("content") for message in body.fields["messages"]]
