"""Requests as this model's own HTTP side would read them: what it uses, checked; the rest passed over."""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from retinue.core.errors import InvalidRequest
from retinue.core.invalid import explain
from retinue.models.base import Json, ModelRequest
from retinue.models.rehearsal.conversation import text_of
from retinue.models.relay import RelayRequest

T = TypeVar("T")

MOST_CHARACTERS = 256_000
"""Of one request's texts: about 64,000 tokens, and some tenths of a second of work."""

_Positive = Annotated[int, Meta(ge=1)]
_Choices = Annotated[int, Meta(ge=1, le=8)]
_Stop = str | Annotated[list[str], Meta(max_length=4)] | None
_Tokens = Annotated[list[int], Meta(min_length=1)]
Texts = str | Annotated[list[str | int | _Tokens], Meta(min_length=1, max_length=8_192)]
"""A text or some, as strings or as tokens."""


class _CalledFunction(Struct, frozen=True):
    name: str
    arguments: str = ""


class _CalledBefore(Struct, frozen=True):
    id: str
    function: _CalledFunction | None = None


class _Message(Struct, frozen=True):
    role: str
    content: str | list[Json] | None = None
    tool_calls: list[_CalledBefore] | None = None
    tool_call_id: str | None = None


class _Offered(Struct, frozen=True):
    name: str
    description: str | None = None
    parameters: Json | bool | None = None


class _Tool(Struct, frozen=True):
    function: _Offered | None = None


class _Format(Struct, frozen=True):
    type: str
    json_schema: Json | None = None


class StreamOptions(Struct, frozen=True):
    """What a stream is to hold besides the reply."""

    include_usage: bool | None = None


class Completion(Struct, frozen=True, kw_only=True):
    """What completions of both sorts have in common."""

    n: _Choices | None = None
    stop: _Stop = None
    max_tokens: _Positive | None = None
    stream_options: StreamOptions | None = None

    @property
    def choices(self) -> range:
        """The numbers of the equal choices that are asked for."""
        return range(self.n or 1)

    @property
    def stops(self) -> tuple[str, ...]:
        """The texts before which the reply ends."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with what it cost."""
        return self.stream_options is not None and self.stream_options.include_usage is True


class Chat(Completion, frozen=True, kw_only=True):
    """A chat completion."""

    messages: Annotated[list[_Message], Meta(max_length=10_000)]
    tools: Annotated[list[_Tool], Meta(max_length=128)] | None = None
    tool_choice: str | Json | None = None
    parallel_tool_calls: bool | None = None
    response_format: _Format | None = None
    max_completion_tokens: _Positive | None = None

    def request(self, model: str, body: Json) -> ModelRequest:
        """Return the call of the model; `body` is what this was read from."""
        return ModelRequest(
            model=model,
            messages=tuple(body["messages"]),
            tools=tuple(body.get("tools") or ()),
            tool_choice=self.tool_choice,
            parallel_tool_calls=self.parallel_tool_calls,
            response_format=body.get("response_format"),
            max_tokens=self.max_completion_tokens or self.max_tokens,
        )


class TextCompletion(Completion, frozen=True, kw_only=True):
    """A completion of a text."""

    prompt: Texts
    echo: bool | None = None


def read_chat(request: RelayRequest) -> tuple[Chat, ModelRequest]:
    """Return what a chat completion asks for; raises InvalidRequest."""
    body = members(request)
    chat = converted(body, Chat)
    asked = chat.request(request.model or "", body)
    check_length(sum(len(text_of(message.get("content"))) for message in asked.messages), param="messages")
    return chat, asked


def read_completion(request: RelayRequest) -> TextCompletion:
    """Return what a completion of prompts asks for; raises InvalidRequest."""
    asked = converted(members(request), TextCompletion)
    check_length(sum(map(len, texts_of(asked.prompt))), param="prompt")
    return asked


def members(request: RelayRequest) -> Json:
    """Return the request's body; raises InvalidRequest."""
    try:
        body: Json = msgspec.json.decode(request.body(None))
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest(f"The JSON body of your request can't be read: {error}.") from error
    return body


def converted(body: Json, type_: type[T]) -> T:
    """Return the body as a value of `type_`; raises InvalidRequest with the place at fault."""
    try:
        return msgspec.convert(body, type_)
    except msgspec.ValidationError as error:
        raise explain(str(error), body, type_) from error


def texts_of(given: Texts) -> list[str]:
    """Return the texts; tokens are spelt out as numbers, for no tokeniser is behind this model."""
    if isinstance(given, str):
        return [given]
    if all(isinstance(text, int) for text in given):
        return [_spelt(given)]
    return [text if isinstance(text, str) else _spelt(text) for text in given]


def check_length(characters: int, *, param: str) -> None:
    """Raise InvalidRequest for more text than this model looks at."""
    if characters > MOST_CHARACTERS:
        raise InvalidRequest(
            f"The rehearsal model takes at most {MOST_CHARACTERS} characters in one request, and got {characters}. "
            "Please reduce the length.",
            param=param,
            code="context_length_exceeded",
        )


def _spelt(tokens: Any) -> str:
    return " ".join(map(str, tokens)) if isinstance(tokens, list) else str(tokens)
