"""What the fake provider can be told to answer."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct


class Pause(Struct, frozen=True):
    """A wait amid an answer, in seconds."""

    seconds: float


class Hold(Struct, frozen=True):
    """A wait amid an answer until the test sets the event; better than a pause, as it never races."""

    event: asyncio.Event


class Cut(Struct, frozen=True):
    """The end of the connection, amid an answer."""


Part = str | bytes | Pause | Hold | Cut


class Call(Struct, frozen=True, kw_only=True):
    """A tool call that the fake model makes; its arguments are JSON text, streamed in two pieces."""

    name: str
    arguments: str = "{}"
    id: str | None = None


class Says(Struct, frozen=True):
    """A reply in good order: each text piece is one chunk, tool calls follow; a completion of a prompt has none.

    `usage` is (prompt, completion) tokens. Pauses, holds and cuts may stand between the pieces. A request without
    `"stream": true` gets the same as one completion.
    """

    parts: tuple[Part, ...] = ()
    calls: tuple[Call, ...] = ()
    usage: tuple[int, int] | None = None
    finish: str | None = None
    """The finish reason; "stop", or "tool_calls" if there are calls, unless told otherwise."""
    model: str | None = None
    """The model that claims to answer; the one that was asked for unless told otherwise."""


class Fails(Struct, frozen=True):
    """An HTTP error, in the shape in which OpenAI sends one."""

    status: int
    message: str = "The fake provider was told to fail."
    headers: Mapping[str, str] = {}


class Sends(Struct, frozen=True):
    """An answer byte by byte as the test has it: anything that a server might do wrong."""

    parts: tuple[Part, ...] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = {}


class Raw(Struct, frozen=True):
    """What goes onto the connection beneath HTTP, the answer's head with the rest; then the connection closes.

    Without parts it closes before any head; with a `Hold` as the first one the provider is silent.
    """

    parts: tuple[Part, ...] = ()


class Embeds(Struct, frozen=True):
    """Embeddings: a vector for each of the texts that were sent, in their order."""

    vectors: Sequence[Sequence[float]]
    model: str | None = None
    """The model that claims to answer; the one that was asked for unless told otherwise."""


class Flags(Struct, frozen=True):
    """A moderation that names these categories for every text, such as "violence"; none is an all-clear."""

    categories: tuple[str, ...] = ()


Answer = Says | Embeds | Flags | Fails | Sends | Raw


def says(*parts: Part, usage: tuple[int, int] | None = (10, 5), **more: Any) -> Says:
    """Return a reply of these pieces of text; `more` are the other fields of `Says`."""
    return Says(parts, usage=usage, **more)


def calls(*wanted: Call, usage: tuple[int, int] | None = (10, 5), **more: Any) -> Says:
    """Return a reply that makes these tool calls; `more` are the other fields of `Says`."""
    return Says(calls=wanted, usage=usage, **more)


def raw(*parts: Part) -> Raw:
    """Return an answer of these very bytes, its head among them."""
    return Raw(parts)


def sends(*parts: Part, **more: Any) -> Sends:
    """Return an answer of these very bytes; `more` are the other fields of `Sends`."""
    return Sends(parts, **more)
