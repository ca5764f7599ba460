"""The seam to upstream models: a request goes in, events come out as the model speaks."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from msgspec import Struct

from retinue.core.caller import Caller
from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models.relay import Relayed, RelayRequest

Json = dict[str, Any]

REHEARSAL = "rehearsal"
"""The name under which the built-in model can always be asked for."""


class Wait(Struct, frozen=True, kw_only=True):
    """A call that was not answered, and will be tried again."""

    why: str
    """A sentence."""
    seconds: float
    """Until the next try; 0 where another provider is asked at once."""


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
    caller: Caller | None = None
    """For whom: where a provider's places are taken, projects get the next ones in turn."""
    waiting: Callable[[Wait], None] | None = None
    """Is told of each try that failed, where others follow."""


class TextPiece(Struct, frozen=True, gc=False):
    """More of the reply's text; never empty."""

    text: str


class CallPiece(Struct, frozen=True, kw_only=True, gc=False):
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
    asked: str = ""
    """What the provider was asked for, where its answer may name a version of that."""
    usage: Usage | None = None
    """None where the provider reports none."""
    provider: str = ""
    """Its name in the settings; empty for the built-in model."""
    attempts: int = 1
    """How many calls it took, other providers' counted."""
    refused: bool = False
    """The provider says that the text is the model's refusal: an answer, whatever form was asked for."""
    notes: tuple[str, ...] = ()
    """What the model was asked otherwise than the request says, in sentences."""


ModelEvent = TextPiece | CallPiece | Finished


class ModelCard(Struct, frozen=True, kw_only=True):
    """A model that can be asked for."""

    id: str
    owned_by: str
    created: int = 0
    description: str | None = None
    context_tokens: int | None = None
    """As the provider's list has it, where it has; so are the next two."""
    completion_tokens: int | None = None
    images: bool | None = None


class ModelFacts(Struct, frozen=True, kw_only=True):
    """What is known of a model that a name leads to; None where nobody knows."""

    model: str
    """The provider's name for it."""
    provider: str = ""
    """Its name in the settings; empty for the built-in model."""
    context_tokens: int | None = None
    """Prompt and completion together."""
    completion_tokens: int | None = None
    """What it says at once at most."""
    images: bool | None = None
    """Whether it takes images."""


class Model(Protocol):
    """A provider of models. One value serves any number of calls side by side."""

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Ask, and once the model begins to answer return what it says, in batches, `Finished` last of all.

        A batch is what came at once, as a read of the network brings it: one event at least, in order. Raises
        ModelFault where it does not begin, and so do the batches where it breaks off, with a sentence for the run's
        `last_error`. Closing the iterator ends the call upstream.
        """
        ...

    def relay(self, request: RelayRequest) -> AbstractAsyncContextManager[Relayed]:
        """Hand a request on and its answer back; leaving the block ends the call upstream.

        Raises ModelFault where no answer came or the fault is the server's (its key, its address), InvalidRequest
        where the request can't be served. What the provider refuses is an answer.
        """
        ...

    async def facts(self, name: str) -> ModelFacts:
        """Return what is known of the model that serves this name. Never raises: what can't be found out is None."""
        ...

    async def cards(self) -> list[ModelCard]:
        """Return the models that can be asked for; raises ModelFault if the provider can't be reached."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
