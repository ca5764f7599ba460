"""Two providers behind one: the rehearsal model by its name, the primary one for everything else."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager

from retinue.models.base import REHEARSAL, Model, ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.relay import Relayed, RelayRequest


class Router:
    """A model that passes each request on to the provider that its model name belongs to."""

    def __init__(self, primary: Model, rehearsal: Model) -> None:
        self._primary = primary
        self._rehearsal = rehearsal

    async def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Return the stream of the provider in charge."""
        return await self._in_charge(request.model).stream(request)

    async def facts(self, name: str) -> ModelFacts:
        """Return what the provider in charge knows."""
        return await self._in_charge(name).facts(name)

    def relay(self, request: RelayRequest) -> AbstractAsyncContextManager[Relayed]:
        """Return the answer of the provider in charge."""
        return self._in_charge(request.model).relay(request)

    async def cards(self) -> list[ModelCard]:
        """Return the models of both, the primary's first; raises ModelFault if the primary can't be reached."""
        own = await self._rehearsal.cards()
        if self._primary is self._rehearsal:
            return own
        names = {card.id for card in own}
        return [card for card in await self._primary.cards() if card.id not in names] + own

    async def close(self) -> None:
        """Let go of the connections of both."""
        await self._primary.close()
        if self._rehearsal is not self._primary:
            await self._rehearsal.close()

    def _in_charge(self, name: str | None) -> Model:
        return self._rehearsal if name == REHEARSAL else self._primary
