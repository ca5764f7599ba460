"""The way to one provider, on which each request goes out once; what makes it dependable is built around it."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from retinue.models.base import ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.relay import Relayed, RelayRequest


class Wire(Protocol):
    """As `Model`, with what is known of the provider."""

    name: str
    """In the settings, and before the slash of `name/model`."""
    label: str
    """In sentences."""
    base_url: str

    @property
    def dialect(self) -> str:
        """The name of what it speaks, such as "openai"."""
        ...

    async def stream(
        self, request: ModelRequest, *, attempts: int, done: Callable[[], None], first_byte_s: float | None
    ) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Ask, and once the model begins to answer return what it says; raises ModelFault.

        `attempts` is how many calls it took, this one counted; `done` is called when a call that began is over.
        `first_byte_s` bounds the wait for its beginning, where that is less than the provider's own bound.
        """
        ...

    def relay(
        self, request: RelayRequest, *, first_byte_s: float | None = None
    ) -> AbstractAsyncContextManager[Relayed]:
        """Hand a request on and its answer back; raises ModelFault. `first_byte_s` bounds streams as above."""
        ...

    async def facts(self, name: str) -> ModelFacts:
        """Return what is known of a model; never raises."""
        ...

    async def cards(self) -> list[ModelCard]:
        """Return the provider's models; raises ModelFault if it can't tell."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
