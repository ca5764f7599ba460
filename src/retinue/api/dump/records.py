"""Records of a dump by their kind: which are taken over, how each is read, and what is said of one that is bad."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from retinue.api.dump import shapes, values
from retinue.api.dump.runs import run
from retinue.api.dump.split import Found
from retinue.core.errors import InvalidRequest
from retinue.core.imports import Importable
from retinue.core.invalid import explain, find_bad_text

_KINDS: dict[str, tuple[type, Callable[[Any], Importable]]] = {
    "assistant": (shapes.AssistantShape, values.assistant),
    "thread": (shapes.ThreadShape, values.thread),
    "thread.message": (shapes.MessageShape, values.message),
    "thread.run": (shapes.RunShape, run),
}
_NAMES = {"thread.message": "message", "thread.run": "run", "thread.run.step": "run step"}
_LISTS = ("data", "items", "assistant", "assistants", "thread", "threads", "message", "messages", "run", "runs")
_LISTS_OF_A_THREAD = ("messages", "runs")
_KIND = re.compile(r"[a-z][a-z_.]{0,40}")
_DEPTH = 3  # pages in pages
_SHOWN = 100  # characters of an id that a report repeats


class Record(Struct, frozen=True):
    """A record that is taken over."""

    kind: str
    file: str
    line: int
    value: Importable
    size: int
    """Characters."""


class NotTaken(Struct, frozen=True):
    """A record of a kind that is not imported."""

    kind: str


class BadRecord(Struct, frozen=True):
    """A record that can't be taken, and why."""

    line: int
    kind: str
    id: str
    reason: str


def read(found: Found, *, file: str, depth: int = 0) -> Iterator[Record | NotTaken | BadRecord]:
    """Yield what an object of the dump is: one record, or those of a page."""
    kind = found.value.get("object")
    if not isinstance(kind, str):
        kind = ""
    inner = list(_inner(found.value, kind)) if depth < _DEPTH else []
    if kind in _KINDS:
        yield _read(found, kind, file)
    for value in inner:
        part = Found(found.line, value, found.size // len(inner), found.suspect)
        yield from read(part, file=file, depth=depth + 1)
    if kind in _KINDS or inner:
        return
    if kind:
        yield NotTaken(name_of(kind))
    else:
        reason = "it has no 'object' that says what it is; dumps of the API's objects have one"
        yield BadRecord(found.line, "record", _id(found.value), reason)


def name_of(kind: str) -> str:
    """Return the word for a kind of object."""
    if kind in _NAMES:
        return _NAMES[kind]
    return kind.replace("_", " ") if _KIND.fullmatch(kind) else "other object"


def _read(found: Found, kind: str, file: str) -> Record | BadRecord:
    shape, make = _KINDS[kind]
    try:
        if found.suspect:
            _check_text(found.value)
        value = make(_shaped(found.value, shape))
    except InvalidRequest as error:
        return BadRecord(found.line, name_of(kind), _id(found.value), _sentence(error))
    return Record(name_of(kind), file, found.line, value, found.size)


def _shaped(value: dict[str, Any], shape: type) -> Any:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise explain(str(error), value, shape) from error


def _check_text(value: dict[str, Any]) -> None:
    path = find_bad_text(value)
    if path is not None:
        raise InvalidRequest(
            "it holds a NUL character, half of a surrogate pair or bytes that are no text, which can't be stored",
            param=path,
        )


def _sentence(error: InvalidRequest) -> str:
    """The error in one line that names its field."""
    said = error.message.rstrip(".")
    return said if not error.param or f"'{error.param}'" in said else f"'{error.param}': {said}"


def _inner(value: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """The records of a page, however it names them; and those that people put into a thread."""
    names = _LISTS if kind not in _KINDS else _LISTS_OF_A_THREAD if kind == "thread" else ()
    for name in names if kind else value:
        listed = value.get(name)
        for entry in listed if isinstance(listed, list) else [listed]:
            if isinstance(entry, dict) and (name in _LISTS or isinstance(entry.get("object"), str)):
                yield entry


def _id(value: dict[str, Any]) -> str:
    id_ = value.get("id")
    return id_[:_SHOWN] if isinstance(id_, str) else ""
