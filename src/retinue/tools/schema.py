"""JSON schemas as providers take them.

Several refuse references (Gemini's compatible endpoint and text-generation-inference among them), so that definitions
are put in where they are used; only a type that contains itself keeps its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]

_REFERENCE = "#/$defs/"
_NAMED = ("properties", "$defs")
"""Keywords whose value is a schema for each name: no keyword themselves."""


def tidied(schema: Json, *, strict: bool) -> Json:
    """Return pydantic's schema without what is noise to a model, closed to unknown names.

    `strict` makes it what OpenAI's strict mode takes: every name is required, and there are no defaults.
    """
    definitions = {name: _plain(value, strict=strict) for name, value in schema.get("$defs", {}).items()}
    body = _plain({key: value for key, value in schema.items() if key != "$defs"}, strict=strict)
    tidy: Json = _inlined(body, definitions, ())
    kept = set(_references(tidy))
    while further := {inner for name in kept for inner in _references(definitions[name])} - kept:
        kept |= further
    return tidy | ({"$defs": {name: definitions[name] for name in sorted(kept)}} if kept else {})


def open_objects(schema: Any) -> Iterator[Json]:
    """Yield the objects within that take any names: no strict schema may have one."""
    if isinstance(schema, dict):
        if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
            yield schema
        for value in schema.values():
            yield from open_objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from open_objects(value)


def _plain(schema: Any, *, strict: bool) -> Any:
    if isinstance(schema, list):
        return [_plain(member, strict=strict) for member in schema]
    if not isinstance(schema, dict):
        return schema
    plain: Json = {}
    for key, value in schema.items():
        if key in _NAMED:
            plain[key] = {name: _plain(member, strict=strict) for name, member in value.items()}
        elif key in ("default", "enum", "const", "examples"):
            if key != "default" or not (strict or value is None):
                plain[key] = value
        elif key == "oneOf":  # of a union told apart by a field: strict mode knows anyOf alone
            plain["anyOf"] = _plain(value, strict=strict)
        elif key not in ("title", "discriminator"):
            plain[key] = _plain(value, strict=strict)
    if "properties" in plain:
        plain.setdefault("additionalProperties", False)
        if strict:
            plain["required"] = list(plain["properties"])
    return plain


def _inlined(schema: Any, definitions: Mapping[str, Json], within: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_inlined(member, definitions, within) for member in schema]
    if not isinstance(schema, dict):
        return schema
    name = next(_references({"$ref": schema.get("$ref")}), None)
    if name is None:
        return {key: _inlined(value, definitions, within) for key, value in schema.items()}
    if name in within or _contains_itself(name, definitions):
        return schema
    beside = {key: value for key, value in schema.items() if key != "$ref"}
    definition: Json = _inlined(definitions[name], definitions, (*within, name))
    return definition | beside


def _contains_itself(name: str, definitions: Mapping[str, Json]) -> bool:
    seen: set[str] = set()
    ahead = {name}
    while ahead:
        ahead = {inner for outer in ahead for inner in _references(definitions[outer])} - seen
        seen |= ahead
    return name in seen


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for member in schema:
            yield from _references(member)
    elif isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str) and reference.startswith(_REFERENCE):
            yield reference.removeprefix(_REFERENCE)
        for member in schema.values():
            yield from _references(member)
