"""Two providers behind one: the rehearsal model by its name, the primary one for everything else."""

from collections.abc import AsyncGenerator

from retinue.models.base import Model, ModelCard, ModelEvent, ModelRequest

REHEARSAL = "rehearsal"
"""The name under which the built-in model can always be asked for."""


class Router:
    """A model that passes each request on to the provider that its model name belongs to."""

    def __init__(self, primary: Model, rehearsal: Model) -> None:
        self._primary = primary
        self._rehearsal = rehearsal

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Return the stream of the provider in charge."""
        model = self._rehearsal if request.model == REHEARSAL else self._primary
        return model.stream(request)

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
