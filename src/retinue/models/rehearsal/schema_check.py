"""Checking schemas: a malformed one is refused the way a provider refuses it, before anything is written for it."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from retinue.core.errors import ModelFault
from retinue.models.base import REHEARSAL, Json
from retinue.models.faults.faults import OPENAI_VARIABLES, fault_of_status
from retinue.models.rehearsal.schemas import target
from retinue.models.rehearsal.work import TooMuchWork, spend

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
_OF_NAMES = ("required", "type")
_OF_SCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems")
_BY_NAME = ("properties", "$defs", "definitions")
_SINGLE = ("items", "additionalProperties", "not")


def check(schema: Any, *, owner: str) -> None:
    """Raise the ModelFault of a request that was not accepted, if the schema of `owner` is malformed."""
    with written_for(owner):
        if found := _Check(schema).mistake(schema):
            raise _refusal(owner, found)


@contextmanager
def written_for(owner: str) -> Iterator[None]:
    """Refuse the schema of `owner` like a malformed one, if what is done with it inside takes too much.

    Circles end at Python's limit of recursion, and numbers beyond all bounds in an arithmetic error.
    """
    try:
        yield
    except (TooMuchWork, RecursionError, ArithmeticError) as exc:
        raise _refusal(owner, "it asks for more than the rehearsal model makes") from exc


def _refusal(owner: str, found: str) -> ModelFault:
    return fault_of_status(
        "Rehearsal", 400, f"Invalid schema for {owner}: {found}.", model=REHEARSAL, remedies=OPENAI_VARIABLES
    )


class _Check:
    """Goes through a schema and through what it refers to, each part once."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._seen: set[int] = set()

    def mistake(self, schema: Any) -> str | None:
        """Return what is wrong with the schema, or with one inside it; None for a sound one."""
        spend()
        if not isinstance(schema, dict):
            return None if isinstance(schema, bool) else "a schema must be an object or a boolean"
        if id(schema) in self._seen:
            return None
        self._seen.add(id(schema))
        for key in schema.keys() & _WANTED.keys():
            if not isinstance(schema[key], _WANTED[key]) or not _is_finite(schema[key]):
                return f"'{key}' has the wrong type"
        for key in _OF_NAMES:
            if any(not isinstance(name, str) for name in schema.get(key, ())):
                return f"'{key}' must list names"
        return next((found for part in self._parts(schema) if (found := self.mistake(part))), None)

    def _parts(self, schema: Json) -> Iterator[Any]:
        for key in _OF_SCHEMAS:
            yield from schema.get(key, ())
        for key in _BY_NAME:
            yield from schema.get(key, {}).values()
        yield from (schema[key] for key in _SINGLE if isinstance(schema.get(key), dict))
        if "$ref" in schema:
            yield target(schema["$ref"], self._root)


def _is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)
