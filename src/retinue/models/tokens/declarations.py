"""Functions as they are declared to a model: OpenAI's models get them as TypeScript, in a namespace of its own.

The form is published with the open models, https://github.com/openai/harmony, docs/format.md, "Function calling"; that
it comes to what the API counts was found by others: https://github.com/hmarr/openai-chat-tokens.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]

PER_TOOLS = 9
"""The heading above all declarations, and the marks of the system message that they stand in."""
_NAMES = ("object", "array", "string", "integer", "number", "boolean", "null")
_DEEPEST = 8  # objects within objects; what is deeper is counted as it stands in the request


def declared(tools: Sequence[Json]) -> str:
    """Return all declarations as one text."""
    lines = ["namespace functions {\n"]
    for tool in tools:
        lines += _function(tool["function"])
    return "\n".join([*lines, "} // namespace functions"])


def _function(function: Json) -> Iterator[str]:
    yield from _comment(function.get("description"), "")
    parameters = function.get("parameters") or {}
    name = function.get("name", "")
    if not parameters.get("properties"):
        yield f"type {name} = () => any;\n"
        return
    yield f"type {name} = (_: {_object(parameters, 0)}) => any;\n"


def _comment(description: Any, indent: str) -> Iterator[str]:
    if isinstance(description, str) and description:
        yield from (f"{indent}// {line}" for line in description.split("\n"))


def _object(schema: Json, depth: int) -> str:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or depth == _DEEPEST:
        return _as_it_stands(schema)
    lines = ["{"]
    indent = "  " * depth
    for name, value in properties.items():
        optional = "" if isinstance(required, list) and name in required else "?"
        if isinstance(value, dict):
            lines += _comment(value.get("description"), indent)
        lines.append(f"{indent}{name}{optional}: {_type(value, depth)},{_default(value)}")
    return "\n".join([*lines, "}"])


def _type(schema: Any, depth: int) -> str:
    match schema:
        case {"enum": [*values]}:
            return " | ".join(map(_as_it_stands, values))
        case {"anyOf": [*choices]} | {"oneOf": [*choices]} if depth < _DEEPEST:
            return " | ".join(_type(choice, depth + 1) for choice in choices)
        case {"type": [*names]} if depth < _DEEPEST and (known := [name for name in _NAMES if name in names]):
            return " | ".join(_type({**schema, "type": name}, depth) for name in known)
        case {"type": "object", "properties": _}:
            return _object(schema, depth + 1)
        case {"type": "array", "items": items} if depth < _DEEPEST:
            return f"{_type(items, depth + 1)}[]"
        case {"type": "integer"}:
            return "number"
        case {"type": "string" | "number" | "boolean" | "null" | "object" as name}:
            return str(name)
        case True | {} if not schema or schema is True:
            return "any"
    return _as_it_stands(schema)


def _default(schema: Any) -> str:
    return (
        f" // default: {_as_it_stands(schema['default'])}" if isinstance(schema, dict) and "default" in schema else ""
    )


def _as_it_stands(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
