"""Chunks of a chat completion as providers really send them, and what they mean as events.

The shapes are those of https://platform.openai.com/docs/api-reference/chat-streaming, read leniently: any field
may be missing or null. A whole completion (`message` in place of `delta`) reads the same way.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from retinue.core.errors import ModelFault
from retinue.core.ids import new_id
from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models.base import CallPiece, Finished, ModelEvent, TextPiece
from retinue.models.faults import broken_off, fault_of_status
from retinue.models.sse import EventReader

_FINISHES: dict[str, Finish] = {
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
}

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


class FunctionDelta(Struct, frozen=True, gc=False):
    """A function's name and arguments; some providers send the arguments as an object."""

    name: str | None = None
    arguments: Any = None


class CallDelta(Struct, frozen=True, gc=False):
    """A piece of a tool call; which call it belongs to is told by index, by id, or not at all."""

    index: int | None = None
    id: str | None = None
    function: FunctionDelta | None = None


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


class PromptDetails(Struct, frozen=True, gc=False):
    """Where the prompt's tokens came from."""

    cached_tokens: int | None = None


class CompletionDetails(Struct, frozen=True, gc=False):
    """What the completion's tokens went to."""

    reasoning_tokens: int | None = None


class Tokens(Struct, frozen=True, gc=False):
    """Usage by the provider's count."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


class Chunk(Struct, frozen=True, gc=False):
    """One event of the stream. `object` is "error" where a server sends an error without an envelope."""

    model: str | None = None
    choices: list[Choice] | None = None
    usage: Tokens | None = None
    error: Any = None
    object: str | None = None


# Not strict: counts come as "12" and 12.0 too.
_decode = msgspec.json.Decoder(Chunk, strict=False).decode


class Reading:
    """One reply as it comes in: bytes go in, events come out, and in the end it knows how the reply ended.

    Raises ModelFault for an error that the provider sends, ValueError or RecursionError for what nobody can read.
    """

    def __init__(self, provider: str, model: str) -> None:
        self.ended = False
        """The provider said that nothing more comes."""
        self._provider = provider
        self._model = model
        self._stream = EventReader()
        self._calls = _Calls()
        self._usage: Usage | None = None
        self._reason: str | None = None

    @property
    def complete(self) -> bool:
        """Whether the reply itself is whole, even if the stream breaks off now."""
        return self.ended or self._reason is not None

    def feed(self, read: bytes) -> Iterator[ModelEvent]:
        """Yield what a read of the event stream says."""
        for data in self._stream.feed(read):
            yield from self.take(data)

    def end(self) -> Iterator[ModelEvent]:
        """Yield what is left where the event stream ends."""
        for data in self._stream.end():
            yield from self.take(data)

    def whole(self, body: bytes) -> list[ModelEvent]:
        """Return what a completion that came in one piece says."""
        # A few servers stream under the media type of JSON.
        streamed = body.lstrip().startswith(b"data:")
        events = [*self.feed(body), *self.end()] if streamed else self.take(body)
        if not events and not self.complete:
            raise ValueError("its answer holds no completion")
        self.ended = True
        return events

    def take(self, data: bytes) -> list[ModelEvent]:
        """Return what the data of one event says."""
        if data[:1] != b"{":
            return self._take_mark(data)
        chunk = _decode(data)
        if chunk.error or chunk.object == "error":
            raise _fault(self._provider, chunk.error or msgspec.json.decode(data), model=self._model)
        if chunk.model:
            self._model = chunk.model
        if chunk.usage:
            self._usage = _usage(chunk.usage, self._usage or Usage())
        return self._take_choice(chunk.choices[0]) if chunk.choices else []

    def finished(self) -> Finished:
        """Return the last event; raises ModelFault if the reply is not whole."""
        if not self.complete:
            raise broken_off(self._provider, "the stream ended too early.")
        if self._calls.unnamed:
            raise broken_off(self._provider, "it called a tool without naming it.")
        return Finished(reason=self._finish(), model=self._model, usage=self._usage)

    def _take_mark(self, data: bytes) -> list[ModelEvent]:
        text = data.strip()
        if text == b"[DONE]":
            self.ended = True
        elif text.startswith(b"{"):
            return self.take(text)
        elif text:
            raise ValueError("a part of the stream is no JSON object")
        return []

    def _take_choice(self, choice: Choice) -> list[ModelEvent]:
        if choice.index:
            return []
        if choice.finish_reason:
            self._reason = choice.finish_reason
        delta = choice.delta or choice.message
        if delta is None:
            return []
        events: list[ModelEvent] = []
        if delta.content:
            events += _text(delta.content)
        if delta.refusal:
            events.append(TextPiece(delta.refusal))
        if delta.tool_calls or delta.function_call:
            events += self._calls.take(delta)
        return events

    def _finish(self) -> Finish:
        reason = _FINISHES.get(self._reason or "stop", "stop")
        # Some providers say "stop" after tool calls, or "tool_calls" after none.
        if reason in ("stop", "tool_calls"):
            return "tool_calls" if self._calls.any else "stop"
        return reason


class _Call:
    def __init__(self, index: int) -> None:
        self.index = index
        self.id: str | None = None
        self.name: str | None = None
        self.pieces: list[str] = []


class _Calls:
    """Sorts pieces into calls, numbered in the order in which they began."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_slot: dict[int | str, _Call] = {}

    @property
    def any(self) -> bool:
        return bool(self._calls)

    @property
    def unnamed(self) -> bool:
        return any(call.name is None for call in self._calls)

    def take(self, delta: Delta) -> Iterator[CallPiece]:
        deltas = delta.tool_calls or [CallDelta(index=0, function=delta.function_call)]
        for call_delta in deltas:
            piece = self._piece(call_delta, call_delta.function or FunctionDelta())
            if piece is not None:
                yield piece

    def _piece(self, delta: CallDelta, function: FunctionDelta) -> CallPiece | None:
        call = self._call_of(delta, function)
        more = _arguments(function.arguments)
        call.pieces.append(more)
        if call.name is None and function.name:
            call.name = function.name
            call.id = call.id or new_id("call")
            return CallPiece(index=call.index, id=call.id, name=call.name, arguments="".join(call.pieces))
        return CallPiece(index=call.index, arguments=more) if more and call.name else None

    def _call_of(self, delta: CallDelta, function: FunctionDelta) -> _Call:
        call = self._known(delta)
        if call is None or _begins_another(call, delta, function):
            call = _Call(len(self._calls))
            self._calls.append(call)
        call.id = call.id or delta.id or None
        if delta.index is not None:
            self._by_slot[delta.index] = call
        if call.id is not None:
            self._by_slot[call.id] = call
        return call

    def _known(self, delta: CallDelta) -> _Call | None:
        if delta.index is not None:
            return self._by_slot.get(delta.index)
        if delta.id:
            return self._by_slot.get(delta.id)
        return self._calls[-1] if self._calls else None


def _begins_another(call: _Call, delta: CallDelta, function: FunctionDelta) -> bool:
    """Whether a piece that seems to go on with `call` is a new one's first.

    Some providers give each of several calls the index 0, some give neither index nor id; others repeat the name
    in each piece, or make up a new id for each piece, but then without a name.
    """
    if not function.name or call.name is None:
        return False
    if delta.id and call.id:
        return delta.id != call.id
    if delta.index is None and not delta.id:
        return function.name != call.name or _is_whole(call.pieces)
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
    return "" if arguments is None else msgspec.json.encode(arguments).decode()


def _text(content: str | list[Any]) -> list[TextPiece]:
    if isinstance(content, str):
        return [TextPiece(content)]
    texts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
    return [TextPiece(text) for text in texts if text and isinstance(text, str)]


def _usage(tokens: Tokens, before: Usage) -> Usage:
    """Providers that report in several chunks report totals, some of them a part in each."""
    prompt, completion = tokens.prompt_tokens_details, tokens.completion_tokens_details
    return Usage(
        prompt=tokens.prompt_tokens or before.prompt,
        completion=tokens.completion_tokens or before.completion,
        cached=(prompt and prompt.cached_tokens) or before.cached,
        reasoning=(completion and completion.reasoning_tokens) or before.reasoning,
    )


def said(error: Any) -> str:
    """Return the message in an error answer of whatever shape; empty if there is none."""
    match error:
        case str():
            return error
        case [first, *_]:
            return said(first)
        case {"error": inner} if inner:
            return said(inner)
        case {"message": inner} | {"detail": inner} | {"msg": inner}:
            return said(inner)
        case _:
            return ""


def _fault(provider: str, error: Any, *, model: str) -> ModelFault:
    message = said(error) or "it reported an error without a message."
    status = _status(error)
    if status is None:
        return broken_off(provider, message)
    return fault_of_status(provider, status, message, model=model)


def _status(error: Any) -> int | None:
    if not isinstance(error, dict):
        return None
    for value in map(str, (error.get("code"), error.get("status"), error.get("type"))):
        if len(value) == 3 and value.isdecimal() and value >= "400":
            return int(value)
        if value in _STATUS_OF_ERROR:
            return _STATUS_OF_ERROR[value]
    return None
