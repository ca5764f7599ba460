"""The body of a request for a chat completion, in a provider's dialect."""

from msgspec import Struct

from retinue.models.base import Json, ModelRequest
from retinue.models.dialects.dialect import Dialect
from retinue.models.dialects.formats import format_of
from retinue.models.dialects.messages import worded

_NEVER_DROPPED = frozenset(("model", "messages", "stream", "tools"))
_UNASKED = frozenset(("stream_options", "response_format"))
"""What is left out without a note: nobody asked for it, or another note says so."""


class Body(Struct, frozen=True):
    """A request as it is sent, and what in it is otherwise than asked for, in sentences."""

    fields: Json
    notes: tuple[str, ...] = ()


def body_in(dialect: Dialect, request: ModelRequest, model: str) -> Body:
    """Return the request in the dialect: nothing in it that the model's provider is known to refuse."""
    asked = format_of(request.messages, request.response_format, dialect)
    fields: Json = {"model": model, "messages": worded(asked.messages, dialect), "stream": True}
    wished = _wished(request, dialect) | {"response_format": asked.response_format}
    refused = dialect.refuses - _NEVER_DROPPED
    if not dialect.both_samplings and request.temperature is not None:
        refused |= {"top_p"}
    fields |= {name: value for name, value in wished.items() if value is not None and name not in refused}
    dropped = sorted(name for name, value in wished.items() if value is not None and name in refused - _UNASKED)
    notes = [f"The model's provider takes no {name}: it was left out." for name in dropped]
    return Body(fields, tuple(filter(None, [asked.note, *notes])))


def _wished(request: ModelRequest, dialect: Dialect) -> Json:
    wished: Json = {
        "stream_options": {"include_usage": True} if dialect.stream_usage else None,
        "reasoning_effort": request.reasoning_effort,
        "temperature": request.temperature,
        "top_p": request.top_p,
        dialect.bound: request.max_tokens,
    }
    if request.tools:
        wished["tools"] = request.tools if dialect.strict else [_lenient(tool) for tool in request.tools]
        wished["tool_choice"] = request.tool_choice
        wished["parallel_tool_calls"] = request.parallel_tool_calls
    return wished


def _lenient(tool: Json) -> Json:
    function = {name: value for name, value in tool["function"].items() if name != "strict"}
    return tool | {"function": function}
