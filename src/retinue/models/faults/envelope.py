"""An error answer as providers really shape it: in an envelope or not, in a list, as FastAPI's or as OpenRouter's.

What it repeats of the request is nobody's word on anything: it is a caller's text, and is read nowhere here.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

_STATUS_OF_ERROR = {
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "insufficient_quota": 429,
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "model_not_found": 404,
    "RESOURCE_EXHAUSTED": 429,
}
_MARKS = ("code", "type", "status")
_TEXTS = ("message", "msg", "detail", "error")
_WITHIN = ("error", "errors", "detail", "message", "metadata")
_DEEPEST = 8  # levels of an error answer that are looked at
_MOST = 20  # errors of a list
_QUOTE = re.compile(r"(?<!\w)(['\"`])([\w.\[\]-]{1,64}\1)?")
_INPUT = re.compile(r"\binput(?:_value)?\s?[:=]")


class Complaint(Struct, frozen=True):
    """One thing that a provider has against a request."""

    text: str
    param: str = ""
    """What it names as at fault, such as `messages.0.role`."""
    kind: str = ""
    """Its code and type."""


def inner(error: Any) -> dict[str, Any]:
    """Return the object that tells of an error, out of its envelope; empty if there is none."""
    match error:
        case [first, *_]:
            return inner(first)
        case {"error": dict(told)}:
            return inner(told)
        case dict():
            return error
        case _:
            return {}


def said(error: Any) -> str:
    """Return the message in an error answer of whatever shape; empty if there is none."""
    match error:
        case str():
            return error
        case [first, *_]:
            return said(first)
        case {"error": told} if told:
            return said(told)
        case {"message": told} | {"detail": told} | {"msg": told}:
            return said(told)
        case _:
            return ""


def marks_of(error: Any) -> set[str]:
    """Return the code, type and status that an error bears."""
    told = inner(error)
    return {value for name in _MARKS if isinstance(value := told.get(name), str)}


def status_of(error: Any) -> int | None:
    """Return the HTTP status that an error within a stream comes to; None where it does not tell."""
    if not isinstance(error, dict):
        return None
    for value in map(str, (error.get("code"), error.get("status"), error.get("type"))):
        if len(value) == 3 and value.isdecimal() and value >= "400":
            return int(value)
        if value in _STATUS_OF_ERROR:
            return _STATUS_OF_ERROR[value]
    return None


def knows_the_path(error: Any) -> bool:
    """Whether a 404 is about what was asked for, not about where."""
    return isinstance(error, dict) and (bool(error.get("error")) or error.get("object") == "error")


def complaints(error: Any, depth: int = 0) -> Iterator[Complaint]:
    """Yield all that an error answer says against the request, its own words alone."""
    if depth == _DEEPEST:
        return
    if isinstance(error, list):
        for one in error[:_MOST]:
            yield from complaints(one, depth + 1)
    if not isinstance(error, dict):
        return
    kind = " ".join(str(error.get(name, "")) for name in _MARKS)
    for name in _TEXTS:
        if isinstance(text := error.get(name), str):
            yield Complaint(text, _param(error), kind)
    for name in _WITHIN:
        yield from complaints(error.get(name), depth + 1)
    if isinstance(raw := error.get("raw"), str):  # OpenRouter's, of whom it asked
        yield from complaints(_decoded(raw), depth + 1)


def unquoted(text: str) -> str:
    """Return a message up to where it begins to quote the request; the quoted name of a parameter is no quote."""
    ends = [found.start() for found in _QUOTE.finditer(text) if found.group(2) is None]
    ends += [found.start() for found in _INPUT.finditer(text)]
    return text[: min(ends, default=len(text))]


def _param(error: dict[str, Any]) -> str:
    param, loc = error.get("param"), error.get("loc")
    return ".".join(map(str, loc)) if isinstance(loc, list) else param if isinstance(param, str) else ""


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return {"message": text}
