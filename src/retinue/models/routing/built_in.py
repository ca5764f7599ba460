"""The built-in model as one of a chain: it always answers, so it is asked once."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack

from retinue.models.base import Model, ModelEvent, ModelFacts, ModelRequest
from retinue.models.provider.patience import Patience
from retinue.models.relay import Relayed, RelayRequest


class BuiltIn:
    """What stands where a provider does."""

    name = ""

    def __init__(self, model: Model) -> None:
        self._model = model

    async def stream(self, request: ModelRequest, patience: Patience) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Return what it says."""
        return await self._model.stream(request)

    async def relay(self, request: RelayRequest, patience: Patience, stack: AsyncExitStack) -> Relayed:
        """Return its answer, which lasts until the stack is left."""
        return await stack.enter_async_context(self._model.relay(request))

    async def facts(self, model: str) -> ModelFacts:
        """Return what is known of it."""
        return await self._model.facts(model)
