"""Checking schemas: a malformed one is refused the way a provider refuses it, before anything is written for it."""

from typing import Any

from retinue.models.faults import fault_of_status

_NUMBER = (int, float)
_WANTED: dict[str, tuple[type, ...]] = {
    "$ref": (str,),
    "type": (str, list),
    "properties": (dict,),
    "$defs": (dict,),
    "definitions": (dict,),
    "required": (list,),
    "enum": (list,),
    "examples": (list,),
    "anyOf": (list,),
    "oneOf": (list,),
    "allOf": (list,),
    "prefixItems": (list,),
    "format": (str,),
    "pattern": (str,),
    "multipleOf": _NUMBER,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "minLength": (int,),
    "maxLength": (int,),
    "minItems": (int,),
    "maxItems": (int,),
    "minProperties": (int,),
}
_OF_NAMES = ("required",)
_OF_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_BY_NAME = ("properties", "$defs", "definitions")
_SINGLE = ("items", "additionalProperties", "not")


def check(schema: Any, *, owner: str, model: str) -> None:
    """Raise the ModelFault of a request that was not accepted, if the schema of `owner` is malformed."""
    if found := _mistake(schema):
        raise fault_of_status("Rehearsal", 400, f"Invalid schema for {owner}: {found}.", model=model)


def _mistake(schema: Any) -> str | None:
    """Return what is wrong with the schema, or with one inside it; None for a sound one."""
    if not isinstance(schema, dict):
        return None if isinstance(schema, bool) else "a schema must be an object or a boolean"
    for key in schema.keys() & _WANTED.keys():
        if not isinstance(schema[key], _WANTED[key]):
            return f"'{key}' has the wrong type"
    if any(not isinstance(name, str) for key in _OF_NAMES for name in schema.get(key, ())):
        return "'required' must list names"
    inner = [part for key in _OF_SCHEMAS for part in schema.get(key, ())]
    inner += [part for key in _BY_NAME for part in schema.get(key, {}).values()]
    inner += [schema[key] for key in _SINGLE if isinstance(schema.get(key), dict)]
    return next((found for part in inner if (found := _mistake(part))), None)
