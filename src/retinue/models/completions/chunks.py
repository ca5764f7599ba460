"""Chunks of a chat completion as providers really send them, and what they mean as events.

The shapes are those of https://platform.openai.com/docs/api-reference/chat-streaming, read leniently: any field
may be missing or null. A whole completion (`message` in place of `delta`) reads the same way.
"""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Struct

from retinue.core.errors import ModelFault
from retinue.core.surrogates import mended
from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models.base import Finished, ModelEvent, TextPiece
from retinue.models.completions.calls import CallDelta, Calls, FunctionDelta
from retinue.models.completions.halves import Halves
from retinue.models.completions.usage import plausible, reported
from retinue.models.faults.envelope import said, status_of
from retinue.models.faults.faults import Remedies, broken_off, fault_of_status
from retinue.models.faults.retry_after import retry_after_s
from retinue.models.faults.verdict import verdict
from retinue.models.faults.window_refusal import window_refusal
from retinue.models.http.sse import EventReader

_FINISHES: dict[str, Finish] = {
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
}


class Delta(Struct, frozen=True, gc=False):
    """What the reply grew by."""

    content: str | list[Any] | None = None
    refusal: str | None = None
    tool_calls: list[CallDelta] | None = None
    function_call: FunctionDelta | None = None


class Choice(Struct, frozen=True, gc=False):
    """One of the replies; never more than one is asked for."""

    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    finish_reason: str | None = None
    usage: Any = None
    """Moonshot's place for it."""


class Chunk(Struct, frozen=True, gc=False):
    """One event of the stream. `object` is "error" where a server sends an error without an envelope."""

    model: str | None = None
    choices: list[Choice] | None = None
    usage: Any = None
    """Read apart from the rest: no reply fails for its count."""
    x_groq: Any = None
    """`{"usage": ...}`: Groq's place for it."""
    error: Any = None
    object: str | None = None


class _TextDelta(Struct, frozen=True, gc=False):
    content: str | None = None
    refusal: None = None
    tool_calls: None = None
    function_call: None = None


class _TextChoice(Struct, frozen=True, gc=False):
    delta: _TextDelta
    index: Literal[0] | None = None
    finish_reason: None = None
    usage: None = None


class _TextChunk(Struct, frozen=True, gc=False):
    """A chunk that says a text and nothing else, as nearly all do: the decoder is quicker to find out than we are."""

    choices: tuple[_TextChoice]
    model: str | None = None
    usage: None = None
    x_groq: None = None
    error: None = None
    object: Literal["chat.completion.chunk"] | None = None


_MOST_EMPTY = 300_000  # chunks in a row that say nothing: thoughts come as such, a token each
_MOST_DIGITS = 1_000  # of an integer; Python itself refuses 4,300

# Not strict: an index comes as "0" and 0.0 too.
_decode = msgspec.json.Decoder(Chunk, strict=False).decode
_decode_text = msgspec.json.Decoder(_TextChunk).decode


class Reading:
    """One reply as it comes in: bytes go in, events come out, and in the end it knows how the reply ended.

    Raises ModelFault for an error that the provider sends, ValueError or RecursionError for what nobody can read.
    """

    def __init__(
        self,
        label: str,
        model: str,
        *,
        provider: str = "",
        attempts: int = 1,
        notes: tuple[str, ...] = (),
        remedies: Remedies,
    ) -> None:
        """`label` is the provider's name in sentences; `provider`, `attempts` and `notes` are for `Finished`."""
        self.ended = False
        """The provider said that nothing more comes."""
        self._label, self._provider, self._attempts, self._remedies = label, provider, attempts, remedies
        self._model = self._asked = model
        self._notes = notes
        self._stream = EventReader()
        self._calls = Calls()
        self._halves = Halves()
        self._usage: Usage | None = None
        self._reason: str | None = None
        self._refused = False
        self._empty = 0  # chunks since the last one that said anything

    @property
    def complete(self) -> bool:
        """Whether the reply itself is whole, even if the stream breaks off now."""
        return self.ended or self._reason is not None

    def feed(self, read: bytes) -> Iterator[Sequence[ModelEvent]]:
        """Yield what a read of the event stream says as one batch, if it says anything; one of no bytes is its end.

        What can't be read, and errors of the provider's, are raised after what stands before them.
        """
        batch: list[ModelEvent] = []
        try:
            for data in self._stream.feed(read) if read else self._stream.end():
                if text := self._text_alone(data):
                    self._empty = 0
                    batch.append(TextPiece(text))
                elif events := self.take(data):
                    self._empty = 0
                    batch += events
                else:
                    self._count_empty()
        finally:
            if batch:
                yield batch

    def whole(self, body: bytes) -> Sequence[Sequence[ModelEvent]]:
        """Return what a completion that came in one piece says."""
        # A few servers stream under the media type of JSON.
        streamed = body.lstrip().startswith(b"data:")
        batches = [*self.feed(body), *self.feed(b"")] if streamed else [self.take(body)]
        if not any(batches) and not self.complete:
            raise ValueError("its answer holds no completion")
        self.ended = True
        return list(filter(None, batches))

    def take(self, data: bytes) -> list[ModelEvent]:
        """Return what the data of one event says."""
        try:
            chunk = _decode(data)
        except msgspec.DecodeError as exc:
            return self._take_unread(data, exc)
        events = self._take_chunk(chunk, data)
        return self._halves.joined(events, last=self.complete) if self._halves.waiting else events

    def finished(self) -> Finished:
        """Return the last event; raises ModelFault if the reply is not whole."""
        if not self.complete:
            raise broken_off(self._label, "the stream ended too early.")
        if self._calls.unnamed:
            raise broken_off(self._label, "it called a tool without naming it.")
        return Finished(
            reason=self._finish(),
            model=mended(self._model),
            asked=self._asked,
            usage=plausible(self._usage),
            provider=self._provider,
            attempts=self._attempts,
            notes=self._notes,
            refused=self._refused,
        )

    def _count_empty(self) -> None:
        self._empty += 1
        if self._empty > _MOST_EMPTY:
            raise ValueError(f"{_MOST_EMPTY:,} chunks in a row said nothing.")

    def _text_alone(self, data: bytes) -> str | None:
        """Return the text of an event that says nothing else, and can't belong to what came before."""
        if self._halves.waiting:
            return None
        try:
            chunk = _decode_text(data)
        except msgspec.DecodeError:
            return None
        self._model = chunk.model or self._model
        return chunk.choices[0].delta.content

    def _take_chunk(self, chunk: Chunk, data: bytes) -> list[ModelEvent]:
        if chunk.error or chunk.object == "error":
            raise self._fault(chunk.error or json.loads(data))
        if chunk.model:
            self._model = chunk.model
        if chunk.usage or chunk.x_groq:
            self._usage = reported(chunk.usage or _groqs(chunk.x_groq), self._usage)
        return self._take_choice(chunk.choices[0]) if chunk.choices else []

    def _take_unread(self, data: bytes, unread: msgspec.DecodeError) -> list[ModelEvent]:
        """Take what is no chunk at first sight: the mark at the end, JSON that msgspec refuses, nothing at all."""
        text = data.strip()
        if text == b"[DONE]":
            self.ended = True
            return self._halves.joined([], last=True)
        if text.startswith(b"{"):
            events = self._take_chunk(_decode_leniently(text, unread), text)
            return self._halves.joined(events, last=self.complete)
        if text:
            raise ValueError("a part of the stream is no JSON object")
        return []

    def _take_choice(self, choice: Choice) -> list[ModelEvent]:
        if choice.index:
            return []
        if choice.finish_reason:
            self._reason = choice.finish_reason
        if choice.usage:
            self._usage = reported(choice.usage, self._usage)
        delta = choice.delta or choice.message
        if delta is None:
            return []
        events: list[ModelEvent] = []
        if isinstance(delta.content, str):
            if delta.content:
                events.append(TextPiece(delta.content))
        elif delta.content:
            events += _texts(delta.content)
        if delta.refusal:
            self._refused = True
            events.append(TextPiece(delta.refusal))
        if delta.tool_calls or delta.function_call:
            events += self._calls.take(delta.tool_calls or [CallDelta(index=0, function=delta.function_call)])
        return events

    def _fault(self, error: Any) -> ModelFault:
        message = mended(said(error)) or "it reported an error without a message."
        status = status_of(error)
        if status is None:
            return broken_off(self._label, message)
        too_long = window_refusal(self._label, status, message, error)
        return too_long or fault_of_status(
            self._label,
            status,
            message,
            model=self._model,
            remedies=self._remedies,
            blame=verdict(status, {}, error),
            retry_after_s=retry_after_s({}, {"error": error}, message),
        )

    def _finish(self) -> Finish:
        reason = _FINISHES.get(self._reason or "stop", "stop")
        # Some providers say "stop" after tool calls, or "tool_calls" after none.
        if reason in ("stop", "tool_calls"):
            return "tool_calls" if self._calls.any else "stop"
        return reason


def _decode_leniently(data: bytes, unread: msgspec.DecodeError) -> Chunk:
    """Read what msgspec refuses: characters cut in half, as servers in JavaScript send them, and vast numbers."""
    try:
        return msgspec.convert(json.loads(data, parse_int=_int), Chunk, strict=False)
    except ValueError:
        raise unread from None


def _int(digits: str) -> float:
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def _groqs(beside: Any) -> Any:
    return beside.get("usage") if isinstance(beside, dict) else None


def _texts(content: list[Any]) -> list[TextPiece]:
    texts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
    return [TextPiece(text) for text in texts if text and isinstance(text, str)]
