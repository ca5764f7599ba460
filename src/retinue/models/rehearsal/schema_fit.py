"""Fitting: whether a value is what a JSON Schema asks for, as far as this package writes values."""

import math
from collections.abc import Callable, Hashable
from typing import Any, cast

from retinue.models.base import Json
from retinue.models.rehearsal.matching import has_match
from retinue.models.rehearsal.schemas import resolve
from retinue.models.rehearsal.work import spend

_CHOICES_PER_STEP = 5  # that are compared

_TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
    "number": lambda value: is_number(value),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def fits(value: Any, schema: Any, root: Any) -> bool:
    """Return whether the value is valid. `format` is no part of it, nor are rare keywords such as `if`."""
    spend()
    plain = resolve(schema, root)
    if isinstance(plain, bool):
        return plain
    return _fits_type(value, plain) and _fits_choice(value, plain, root) and _fits_content(value, plain, root)


def identity(value: Any) -> Hashable:
    """Return what two JSON values have in common if they are equal, for sets; unlike in Python, true is not 1."""
    match value:
        case bool():
            return ("boolean", value)
        case list():
            spend(len(value))
            return ("array", *map(identity, value))
        case dict():
            spend(len(value))
            return ("object", frozenset((name, identity(inner)) for name, inner in value.items()))
    return cast("Hashable", value)  # numbers, strings and null are


def is_number(value: Any) -> bool:
    """Return whether it is a JSON number, which in Python would include true."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits_type(value: Any, schema: Json) -> bool:
    wanted = schema.get("type")
    names = [wanted] if isinstance(wanted, str) else wanted or []
    return not names or any(_TYPES[name](value) for name in names if name in _TYPES)


def _fits_choice(value: Any, schema: Json, root: Any) -> bool:
    if "const" in schema and identity(value) != identity(schema["const"]):
        return False
    if "enum" in schema and not _is_among(value, schema["enum"]):
        return False
    if "anyOf" in schema and not any(fits(value, branch, root) for branch in schema["anyOf"]):
        return False
    if "oneOf" in schema and sum(fits(value, branch, root) for branch in schema["oneOf"]) != 1:
        return False
    return not ("not" in schema and fits(value, schema["not"], root))


def _is_among(value: Any, choices: list[Any]) -> bool:
    spend(len(choices) // _CHOICES_PER_STEP)
    wanted = identity(value)
    return any(identity(choice) == wanted for choice in choices if type(choice) is type(value) or is_number(choice))


def _fits_content(value: Any, schema: Json, root: Any) -> bool:
    if isinstance(value, str):
        return _fits_string(value, schema)
    if is_number(value):
        return _fits_number(value, schema)
    if isinstance(value, list):
        return _fits_array(value, schema, root)
    return not isinstance(value, dict) or _fits_object(value, schema, root)


def _fits_string(value: str, schema: Json) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    return "pattern" not in schema or has_match(schema["pattern"], value)


def _fits_number(value: float, schema: Json) -> bool:
    step = schema.get("multipleOf")
    return (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
        and _bound(schema, "exclusiveMinimum", -math.inf) < value < _bound(schema, "exclusiveMaximum", math.inf)
        and (not step or _divides(step, value))
    )


def _bound(schema: Json, key: str, otherwise: float) -> float:
    """Return a bound; `otherwise` for none, or for the true and false that JSON Schema had here once."""
    bound = schema.get(key)
    return bound if isinstance(bound, int | float) and not isinstance(bound, bool) else otherwise


def _divides(step: float, value: float) -> bool:
    return value % step == 0 if isinstance(step, int) else (value / step).is_integer()


def _fits_array(value: list[Any], schema: Json, root: Any) -> bool:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return False
    if schema.get("uniqueItems") and len(set(map(identity, value))) < len(value):
        return False
    first = schema.get("prefixItems") or []
    rest = schema.get("items", True)
    return all(fits(item, first[at] if at < len(first) else rest, root) for at, item in enumerate(value))


def _fits_object(value: Json, schema: Json, root: Any) -> bool:
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties", True)
    if any(name not in value for name in schema.get("required") or ()):
        return False
    return all(fits(item, properties.get(name, others), root) for name, item in value.items())
