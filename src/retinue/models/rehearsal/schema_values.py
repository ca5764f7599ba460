"""Values for a JSON Schema: from a text where it says something, plausible where it does not."""

import re
from collections.abc import Hashable, Iterator
from typing import Any, Protocol

from retinue.models.base import Json
from retinue.models.rehearsal import plausible
from retinue.models.rehearsal.json_text import to_json
from retinue.models.rehearsal.missing import MISSING
from retinue.models.rehearsal.schema_fit import fits, identity
from retinue.models.rehearsal.schemas import branches, kind, resolve, simplicity
from retinue.models.rehearsal.work import NODE, spend, spend_text

_DEEP = 5  # levels below which only what is required is written, so that schemas within themselves come to an end
_BOTTOM = 40  # levels; a schema that demands more has no finite value
_MOST_VARIANTS = 200  # more tries for an array whose items must all differ

_LONGEST_DESCRIPTION = 2_000  # characters that are searched for an example

_EXAMPLE = re.compile(
    r"(?:\be\.g\.|\bfor example|\bsuch as|\bexample:)[,:]?\s+([^\s;()](?:[^;()\n.]|\.(?=\S))*)", re.IGNORECASE
)


class Source(Protocol):
    """Where values come from before they are made up."""

    def pick(self, name: str, schema: Json, *, sure: bool) -> Any:
        """Return a value for a parameter, or MISSING; `sure` asks for one that is clearly meant for it."""
        ...


class Filler:
    """Writes values for the schemas of one document.

    `sparse` leaves out, or sets to null, what is optional and not mentioned: right for a call's arguments, where
    a guess does harm. Without it every property is written, which shows the whole shape of an answer.
    """

    def __init__(self, root: Any, source: Source, *, sparse: bool) -> None:
        self._root = root
        self._source = source
        self._sparse = sparse

    def value(self, schema: Any, name: str = "", *, depth: int = 0, variant: int = 0) -> Any:
        """Return a value that is valid against the schema; raises TooMuchWork for a large one."""
        spend(NODE)
        plain = resolve(schema, self._root)
        if isinstance(plain, bool):
            plain = {}
        if depth > _BOTTOM:
            return None
        if "const" in plain:
            return _counted(plain["const"])
        if options := branches(plain, self._root):
            return self._best(options, plain, name, depth=depth, variant=variant)
        match kind(plain):
            case "object":
                return self._object(plain, depth=depth, variant=variant)
            case "array":
                return self._array(plain, name, depth=depth)
            case _:
                return _counted(self._scalar(plain, name, variant))

    def known(self, schema: Any, name: str) -> Any:
        """Return what the text clearly says for an optional parameter, or MISSING."""
        plain = resolve(schema, self._root)
        if isinstance(plain, bool):
            return MISSING
        for option in branches(plain, self._root) or [plain]:
            if isinstance(option, dict) and kind(option) not in ("object", "null"):
                found = self._source.pick(name, option, sure=True)
                if found is not MISSING and fits(found, plain, self._root):
                    return found
        return MISSING

    def _best(self, options: list[Json | bool], whole: Json, name: str, *, depth: int, variant: int) -> Any:
        """Return the value of the first alternative that satisfies the whole."""
        if self._sparse and any(isinstance(option, dict) and kind(option) == "null" for option in options):
            options = [option for option in options if self._spoken_of(option, name)] + [{"type": "null"}]
        else:
            options = sorted(options, key=simplicity if depth >= _DEEP else _null_last)
        value = None
        for option in options:
            if option is not False:
                value = self.value(option, name, depth=depth + 1, variant=variant)
                if fits(value, whole, self._root):
                    return value
        return value

    def _spoken_of(self, option: Json | bool, name: str) -> bool:
        if not isinstance(option, dict) or kind(option) == "null":
            return False
        if kind(option) == "object":
            return any(self.known(inner, key) is not MISSING for key, inner in _properties(option).items())
        return self._source.pick(name, option, sure=True) is not MISSING

    def _object(self, schema: Json, *, depth: int, variant: int) -> Json:
        required, properties = set(schema.get("required") or ()), _properties(schema)
        spend_text(sum(map(len, required | properties.keys())))
        value: Json = {}
        for name, inner in properties.items():
            if name in required or not (self._sparse or depth >= _DEEP or inner is False):
                value[name] = self.value(inner, name, depth=depth + 1, variant=variant)
            elif self._sparse and (found := self.known(inner, name)) is not MISSING:
                value[name] = _counted(found)
        others = schema.get("additionalProperties", {})
        for name in self._unnamed(schema, value):
            value[name] = self.value(others, name, depth=depth + 1, variant=variant)
        return value

    def _unnamed(self, schema: Json, value: Json) -> Iterator[str]:
        """Yield names for what is required without a schema, or only as a number of properties."""
        yield from (name for name in schema.get("required") or () if name not in value)
        yield from (f"property{number}" for number in range(len(value) + 1, schema.get("minProperties", 0) + 1))

    def _array(self, schema: Json, name: str, *, depth: int) -> list[Any]:
        picked = self._source.pick(name, schema, sure=False)
        if picked is not MISSING and fits(picked, schema, self._root):
            return list(_counted(picked))
        first, items = schema.get("prefixItems") or [], schema.get("items", True)
        least = max(schema.get("minItems", 0), 0 if depth >= _DEEP or items is False else 1, len(first))
        length = min(least, schema.get("maxItems", least))
        value: list[Any] = []
        found: set[Hashable] = set()
        for variant in range(length + _MOST_VARIANTS):
            if len(value) >= length:
                break
            inner = first[len(value)] if len(value) < len(first) else items
            item = self.value(inner, name, depth=depth + 1, variant=variant)
            if not schema.get("uniqueItems") or identity(item) not in found:
                value.append(item)
                found.add(identity(item))
        return value

    def _scalar(self, schema: Json, name: str, variant: int) -> Any:
        if kind(schema) == "null":
            return None
        candidates = [value for value in self._candidates(schema, name) if fits(value, schema, self._root)]
        rest = {key: value for key, value in schema.items() if key != "enum"}
        if choices := [value for value in schema.get("enum") or () if fits(value, rest, self._root)]:
            candidates += choices if not candidates or variant == 0 else [c for c in choices if c != candidates[0]]
            return candidates[variant % len(candidates)]
        if candidates and variant == 0:
            return candidates[0]
        return _made_up(schema, variant)

    def _candidates(self, schema: Json, name: str) -> Iterator[Any]:
        picked = self._source.pick(name, schema, sure=False)
        if picked is not MISSING:
            yield picked
        if "default" in schema:
            yield schema["default"]
        yield from schema.get("examples") or ()
        if found := _EXAMPLE.search(str(schema.get("description", ""))[:_LONGEST_DESCRIPTION]):
            yield found[1].strip().strip("\"'`“” ")


def _counted(value: Any) -> Any:
    """Return the value, and count its length as work."""
    spend_text(len(value) if isinstance(value, str) else len(to_json(value)))
    return value


def _made_up(schema: Json, variant: int) -> Any:
    match kind(schema):
        case "boolean":
            return variant % 2 == 1
        case "integer":
            return plausible.number(schema, whole=True, variant=variant)
        case "number":
            return plausible.number(schema, whole=False, variant=variant)
        case _:
            return plausible.string(schema, variant=variant)


def _null_last(option: Json | bool) -> bool:
    return isinstance(option, dict) and kind(option) == "null"


def _properties(schema: Json) -> Json:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}
