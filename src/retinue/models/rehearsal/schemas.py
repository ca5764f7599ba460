"""Schemas: JSON Schema read for its meaning, with references and `allOf` put in their places."""

import functools
from collections.abc import Iterator
from typing import Any

from retinue.models.base import Json
from retinue.models.rehearsal.work import spend

_MOST_HOPS = 32  # references that lead to references; more is a circle
_KEYS_PER_STEP = 10  # that are copied
_SIMPLE_FIRST = ("null", "boolean", "integer", "number", "string", "array", "object")

_TELLING = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


def resolve(schema: Any, root: Any) -> Json | bool:
    """Return the schema without `$ref` and `allOf` at its top; `root` is the document that references point into."""
    spend()
    if not isinstance(schema, dict):
        return schema is not False
    plain: Json = schema
    for _ in range(_MOST_HOPS):
        if "$ref" in plain:
            plain = _both_of(_without(plain, "$ref"), _plain(target(plain["$ref"], root)))
        elif "allOf" in plain:
            parts = [resolve(part, root) for part in plain["allOf"]]
            if False in parts:
                return False
            plain = functools.reduce(_both_of, map(_plain, parts), _without(plain, "allOf"))
        else:
            return plain
    return {}


def branches(schema: Json, root: Any) -> list[Json | bool]:
    """Return the alternatives that `anyOf`, `oneOf` and a list of types leave, each a whole schema."""
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return [merged(_without(schema, key), resolve(branch, root)) for branch in schema[key]]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": kind} for kind in schema["type"]]
    return []


def merged(first: Json, second: Any) -> Json | bool:
    """Return a schema that asks for both."""
    if not isinstance(second, dict):
        return first if second is not False else False
    return _both_of(first, second)


def kind(schema: Json) -> str:
    """Return the type that the schema asks for, or the one that its keywords speak of; `string` for anything."""
    if isinstance(schema.get("type"), str):
        return str(schema["type"])
    return next((name for name, keys in _TELLING.items() if any(key in schema for key in keys)), "string")


def nullable(schema: Json) -> bool:
    """Whether the schema has null as one alternative: how strict schemas say that a parameter is optional."""
    kinds = [option.get("type") for option in schema.get("anyOf") or () if isinstance(option, dict)]
    return "null" in kinds or (isinstance(schema.get("type"), list) and "null" in schema["type"])


def simplicity(schema: Json | bool) -> int:
    """Return a rank by which schemas that can't lead any deeper sort before those that can."""
    return _SIMPLE_FIRST.index(kind(schema)) if isinstance(schema, dict) and kind(schema) in _SIMPLE_FIRST else 9


def target(reference: Any, root: Any) -> Any:
    """Follow a JSON pointer within the document; {} for what is not there."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return {}
    place = root
    for step in _steps(reference):
        spend()
        place = place.get(step, {}) if isinstance(place, dict) else {}
    return place


def _both_of(first: Json, second: Json) -> Json:
    spend(1 + (len(first) + len(second)) // _KEYS_PER_STEP)
    both = {**second, **first}
    for key in first.keys() & second.keys():
        both[key] = _both(key, first[key], second[key])
    return both


def _plain(schema: Any) -> Json:
    return schema if isinstance(schema, dict) else {}


def _without(schema: Json, key: str) -> Json:
    spend(1 + len(schema) // _KEYS_PER_STEP)
    return {name: value for name, value in schema.items() if name != key}


def _steps(reference: str) -> Iterator[str]:
    for step in reference[1:].split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")


def _both(key: str, first: Any, second: Any) -> Any:
    if isinstance(first, list | dict) and isinstance(second, list | dict):
        spend((len(first) + len(second)) // _KEYS_PER_STEP)
    match key:
        case "properties" | "$defs" | "definitions":
            shared = {name: {"allOf": [first[name], second[name]]} for name in first.keys() & second.keys()}
            return {**second, **first, **shared}
        case "required":
            return list(dict.fromkeys([*first, *second]))
        case "minimum" | "exclusiveMinimum" | "minLength" | "minItems":
            return max(first, second)
        case "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems":
            return min(first, second)
        case "enum":
            spend(len(first) * len(second) // _KEYS_PER_STEP)
            return [value for value in first if value in second]
        case "type":
            return _shared_type(first, second)
        case _:
            return first


def _shared_type(first: Any, second: Any) -> Any:
    ones, others = ([kinds] if isinstance(kinds, str) else list(kinds) for kinds in (first, second))
    spend(len(ones) * len(others) // _KEYS_PER_STEP)
    shared = [one for one in ones if one in others or (one == "integer" and "number" in others)]
    shared += [other for other in others if other == "integer" and "number" in ones and other not in shared]
    return shared[0] if len(shared) == 1 else shared or first
