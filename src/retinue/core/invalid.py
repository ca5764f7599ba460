"""What is wrong with a request, in the API's own words: the parser's finding, its place, and the value found there."""

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import inspect

from retinue.core.errors import InvalidRequest

_FINDING = re.compile(r"(?P<what>.*?)(?: - at (?P<key>`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_TYPE = r"Expected `([^`]+)`, got `(\w+)`"
_LENGTH = r"Expected `(str|array|object)` of length ([<>]=) (\d+)"
_RANGE = r"Expected `(int|float)` ([<>]=) (\S+)"
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_SOME = "..."
_NAMES = {
    "str": "a string",
    "int": "an integer",
    "float": "a decimal",
    "bool": "a boolean",
    "array": "an array",
    "object": "an object",
    "null": "null",
}
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]")

Path = list[str | int]


def explain(finding: str, value: Any, type_: type) -> InvalidRequest:
    """Return the error for what msgspec found in a value, such as "Expected `str`, got `int` - at `$.model`"."""
    match = _FINDING.fullmatch(finding)
    assert match is not None
    what = match["what"]
    path = _exact_path(match["path"] or "", value, what)
    if match["key"]:
        return _key(what, path, _at(value, path))
    for pattern, make in _SENTENCES:
        if found := re.fullmatch(pattern, what, re.DOTALL):
            return make(found, path, _at(value, path), type_)
    return InvalidRequest(f"Invalid '{_name(path)}': {what}.", param=_name(path) or None, code="invalid_value")


def missing(name: str) -> InvalidRequest:
    """Return the error for a parameter that has to be there."""
    return InvalidRequest(f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter")


def unknown(name: str) -> InvalidRequest:
    """Return the error for a parameter that nobody knows."""
    return InvalidRequest(f"Unknown parameter: '{name}'.", param=name, code="unknown_parameter")


def find_bad_text_in(raw: bytes) -> str | None:
    """Return the place in a body of the first text that can't be stored; None if there is none."""
    try:
        value = json.loads(raw)  # unlike msgspec, it takes lone surrogates, so that their place can be named
    except (ValueError, RecursionError):
        return None
    return find_bad_text(value)


def find_bad_text(value: Any) -> str | None:
    """Return the place of the first text that holds a NUL or a lone surrogate; None if there is none."""
    return next((_name(path) or "body" for path, text in _texts(value, []) if _BAD_TEXT.search(text)), None)


def _wrong_type(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    expected = [_NAMES.get(name, name) for name in found[1].split(" | ")]
    wanted = expected[0] if len(expected) == 1 else f"one of {', '.join(expected[:-1])} or {expected[-1]}"
    got = _NAMES.get(found[2], found[2])
    where = f"'{_name(path)}'" if path else "the body"
    message = f"Invalid type for {where}: expected {wanted}, but got {got} instead."
    return InvalidRequest(message, param=_name(path) or None, code="invalid_type")


def _missing(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    return missing(_name([*path, found[1]]))


def _unknown(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    return unknown(_name([*path, found[1]]))


def _length(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    kind, sign, limit = found[1], found[2], int(found[3])
    name, long = _name(path), sign == "<="
    if kind == "object":
        message = (
            f"Invalid '{name}': too many properties. Expected an object with at most {limit} properties, "
            f"but got an object with {_size(value, limit)} properties instead."
        )
        return InvalidRequest(message, param=name, code="object_above_max_properties")
    noun = {"str": "string", "array": "array"}[kind]
    article = _NAMES[kind]
    message = (
        f"Invalid '{name}': {noun} too {'long' if long else 'short'}. Expected {article} with "
        f"{'maximum' if long else 'minimum'} length {limit}, "
        f"but got {article} with length {_size(value, limit)} instead."
    )
    return InvalidRequest(message, param=name, code=f"{noun}_{'above_max' if long else 'below_min'}_length")


def _range(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    kind = {"int": "integer", "float": "decimal"}[found[1]]
    above = found[2] == "<="
    limit = f"{float(found[3]):.12g}"
    name = _name(path)
    message = (
        f"Invalid '{name}': {kind} {'above maximum' if above else 'below minimum'} value. "
        f"Expected a value {found[2]} {limit}, but got {value} instead."
    )
    return InvalidRequest(message, param=name, code=f"{kind}_{'above_max' if above else 'below_min'}_value")


def _pattern(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    name = _name(path)
    message = f"Invalid '{name}': string does not match pattern. Expected a string that matches the pattern {found[1]}."
    return InvalidRequest(message, param=name, code="invalid_value")


def _choice(found: re.Match[str], path: Path, value: Any, type_: type) -> InvalidRequest:
    choices = sorted(_choices(inspect.type_info(type_), path))
    supported = f" Supported values are: {', '.join(map(repr, choices))}." if choices else ""
    return InvalidRequest(f"Invalid value: {found[1]}.{supported}", param=_name(path), code="invalid_value")


_SENTENCES = (
    (_TYPE, _wrong_type),
    (r"Object missing required field `([^`]+)`", _missing),
    (r"Object contains unknown field `([^`]*)`", _unknown),
    (_LENGTH, _length),
    (_RANGE, _range),
    (r"Expected `str` matching regex (.*)", _pattern),
    (r"Invalid (?:enum )?value (.*)", _choice),
)


def _key(what: str, path: Path, entries: Any) -> InvalidRequest:
    """A key of an object is at fault; the only bound that keys have is their length."""
    limit = int(what.rpartition(" ")[2])
    longest = max((len(key) for key in entries or ()), default=0)
    name = _name(path)
    message = (
        f"Invalid '{name}': key too long. Expected keys with maximum length {limit}, "
        f"but got a key with length {longest} instead."
    )
    return InvalidRequest(message, param=name, code="string_above_max_length")


def _exact_path(text: str, value: Any, what: str) -> Path:
    """The path with keys in place of msgspec's `[...]`, each of which stands for some entry of an object."""
    steps: Path = [name or (_SOME if index == _SOME else int(index)) for name, index in _STEP.findall(text)]
    if _SOME not in steps:
        return steps
    return _first_place(steps, value, _breaks(what)) or steps[: steps.index(_SOME)]


def _first_place(steps: Path, value: Any, breaks: Callable[[Any], bool]) -> Path | None:
    """The first of the places that steps may lead to whose value is what msgspec complains of."""
    if not steps:
        return [] if breaks(value) else None
    step, *rest = steps
    entries = (value if isinstance(value, dict) else ()) if step == _SOME else (step,)
    for entry in entries:
        found = _first_place(rest, _at(value, [entry]), breaks)
        if found is not None:
            return [entry, *found]
    return None


def _breaks(what: str) -> Callable[[Any], bool]:
    """What tells of a value whether msgspec complains of it in these words."""
    if found := re.fullmatch(_TYPE, what):
        got = found[2]
        return lambda value: _kind(value) == got
    if found := re.fullmatch(_LENGTH, what):
        kind, sign, limit = found[1], found[2], float(found[3])
        return lambda value: _kind(value) == kind and _is_beyond(len(value), sign, limit)
    if found := re.fullmatch(_RANGE, what):
        sign, limit = found[2], float(found[3])
        return lambda value: _kind(value) in ("int", "float") and _is_beyond(value, sign, limit)
    if "out of range" in what:
        return lambda value: isinstance(value, float) and math.isinf(value)
    return lambda _: True


def _is_beyond(number: float, sign: str, limit: float) -> bool:
    return number > limit if sign == "<=" else number < limit


def _kind(value: Any) -> str:
    """What msgspec calls values of this kind."""
    names = {bool: "bool", int: "int", float: "float", str: "str", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _at(value: Any, path: Path) -> Any:
    for place in path:
        try:
            value = value[place]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _size(value: Any, limit: int) -> str:
    """How long it is; of a body too large to be read again, that it is beyond its limit is all there is to say."""
    if value is None:
        return f"beyond {limit}"
    return str(len(value) if isinstance(value, (str, list, dict)) else 0)


def _name(path: Path) -> str:
    name = ""
    for place in path:
        name += f"[{place}]" if isinstance(place, int) else f".{place}" if name else place
    return name


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _texts(entry, [*path, index])
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield path, key
            yield from _texts(entry, [*path, key])


def _choices(info: inspect.Type, path: Path) -> set[str]:
    """The values that a field of literals or tags may have."""
    match info:
        case inspect.UnionType(types=types):
            return set().union(*(_choices(option, path) for option in types))
        case inspect.LiteralType(values=values) if not path:
            return {str(value) for value in values}
        case inspect.StructType(tag_field=tag_field, tag=tag) if path and path == [tag_field]:
            return {str(tag)}
        case inspect.StructType(fields=fields) if path:
            found = [field.type for field in fields if field.encode_name == path[0]]
            return set().union(*(_choices(option, path[1:]) for option in found))
        case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item) if path:
            return _choices(item, path[1:])
        case inspect.Metadata(type=inner):
            return _choices(inner, path)
        case _:
            return set()
