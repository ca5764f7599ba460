"""The seam to upstream models: a request goes in, events come out as the model speaks."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from msgspec import Struct

from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models.relay import Relayed, RelayRequest

Json = dict[str, Any]

REHEARSAL = "rehearsal"
"""The name under which the built-in model can always be asked for."""


class ModelRequest(Struct, frozen=True, kw_only=True):
    """One call of a model, in the chat completions API's own vocabulary; None is the model's default."""

    model: str
    """As the caller named it; the back end decides what serves it."""
    messages: tuple[Json, ...]
    """Chat messages: `{"role": "system" | "user" | "assistant" | "tool", "content": ..., ...}`."""
    tools: tuple[Json, ...] = ()
    """`{"type": "function", "function": {"name", "description", "parameters", "strict"}}`."""
    tool_choice: str | Json | None = None
    parallel_tool_calls: bool | None = None
    response_format: Json | None = None
    reasoning_effort: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    """Bound of the completion, in tokens."""


class TextPiece(Struct, frozen=True):
    """More of the reply's text; never empty."""

    text: str


class CallPiece(Struct, frozen=True, kw_only=True):
    """More of the tool call number `index`. The first piece of a call bears its id and name."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


class Finished(Struct, frozen=True, kw_only=True):
    """The last event of every stream that was not broken off."""

    reason: Finish
    model: str
    """The model that answered, by the provider's name for it."""
    usage: Usage | None = None
    """None where the provider reports none."""


ModelEvent = TextPiece | CallPiece | Finished


class ModelCard(Struct, frozen=True, kw_only=True):
    """A model that can be asked for."""

    id: str
    owned_by: str
    created: int = 0
    description: str | None = None


class Model(Protocol):
    """A provider of models. One value serves any number of calls side by side."""

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Yield what the model says, `Finished` last.

        Raises ModelFault, before or amid the events, with a sentence for the run's `last_error`. Closing the
        iterator ends the call upstream.
        """
        ...

    def relay(self, request: RelayRequest) -> AbstractAsyncContextManager[Relayed]:
        """Hand a request on and its answer back; leaving the block ends the call upstream.

        Raises ModelFault where no answer came or the fault is the server's (its key, its address), InvalidRequest
        where the request can't be served. What the provider refuses is an answer.
        """
        ...

    async def cards(self) -> list[ModelCard]:
        """Return the models that can be asked for; raises ModelFault if the provider can't be reached."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
