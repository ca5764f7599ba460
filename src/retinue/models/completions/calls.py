"""Calls: the pieces of tool calls, put in order however a provider marks them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from retinue.core.ids import new_id
from retinue.models.base import CallPiece

_LONGEST_ID = 256  # characters
_LONGEST_NAME = 256  # characters


class FunctionDelta(Struct, frozen=True, gc=False):
    """A function's name and arguments; some providers send the arguments as an object."""

    name: str | None = None
    arguments: Any = None


class CallDelta(Struct, frozen=True, gc=False):
    """A piece of a tool call; which call it belongs to is told by index, by id, or not at all."""

    index: int | None = None
    id: str | None = None
    function: FunctionDelta | None = None


class _Call:
    def __init__(self, index: int) -> None:
        self.index = index
        self.id: str | None = None
        self.name: str | None = None
        self.pieces: list[str] = []


class Calls:
    """Sorts pieces into calls, numbered in the order in which they began."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_slot: dict[int | str, _Call] = {}
        self._ids: set[str] = set()

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return bool(self._calls)

    @property
    def unnamed(self) -> bool:
        """Whether one of them has no name so far."""
        return any(call.name is None for call in self._calls)

    def take(self, deltas: Iterable[CallDelta]) -> Iterator[CallPiece]:
        """Yield what these pieces add to the calls."""
        for delta in deltas:
            piece = self._piece(delta, delta.function or FunctionDelta())
            if piece is not None:
                yield piece

    def _piece(self, delta: CallDelta, function: FunctionDelta) -> CallPiece | None:
        name = _shown_name(function.name or "")
        call = self._call_of(delta, name)
        more = _arguments(function.arguments)
        call.pieces.append(more)
        if call.name is None and name:
            call.name = name
            call.id = call.id or new_id("call")
            return CallPiece(index=call.index, id=self._own_id(call.id), name=name, arguments="".join(call.pieces))
        return CallPiece(index=call.index, arguments=more) if more and call.name else None

    def _call_of(self, delta: CallDelta, name: str) -> _Call:
        call = self._known(delta)
        if call is None or _begins_another(call, delta, name):
            call = _Call(len(self._calls))
            self._calls.append(call)
        call.id = call.id or delta.id or None
        if delta.index is not None:
            self._by_slot[delta.index] = call
        if call.id is not None:
            self._by_slot[call.id] = call
        return call

    def _own_id(self, given: str) -> str:
        """Return the id that the provider gave a call, unless it is another's as well, or none that can be used."""
        id_ = given if _is_sound(given) and given not in self._ids else new_id("call")
        self._ids.add(id_)
        return id_

    def _known(self, delta: CallDelta) -> _Call | None:
        if delta.index is not None:
            return self._by_slot.get(delta.index)
        if delta.id:
            return self._by_slot.get(delta.id)
        return self._calls[-1] if self._calls else None


def _begins_another(call: _Call, delta: CallDelta, name: str) -> bool:
    """Whether a piece that seems to go on with `call` is a new one's first.

    Some providers give each of several calls the index 0, some give neither index nor id; others repeat the name
    in each piece, or make up a new id for each piece, but then without a name.
    """
    if not name or call.name is None:
        return False
    if delta.id and call.id:
        return delta.id != call.id
    if delta.index is None and not delta.id:
        return name != call.name or _is_whole(call.pieces)
    return False


def _is_whole(pieces: list[str]) -> bool:
    if not pieces[-1].endswith("}"):
        return False
    try:
        msgspec.json.decode("".join(pieces))
    except (ValueError, RecursionError):
        return False
    return True


def _arguments(arguments: Any) -> str:
    if isinstance(arguments, str):
        return arguments
    try:
        return "" if arguments is None else msgspec.json.encode(arguments).decode()
    except UnicodeEncodeError:  # halves of characters, which are mended where all text is
        return json.dumps(arguments, ensure_ascii=False)


def _is_sound(id_: str) -> bool:
    return len(id_) <= _LONGEST_ID and id_.isascii() and id_.isprintable()


def _shown_name(name: str) -> str:
    """Return the name without control characters, and no longer than any real one."""
    shown = name if name.isprintable() else "".join(filter(str.isprintable, name))
    return shown[:_LONGEST_NAME]
