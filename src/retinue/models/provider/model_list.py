"""A provider's list of models, asked for when somebody wants to know, and kept for a while."""

import asyncio

import structlog

from retinue.core.errors import ModelFault
from retinue.models.base import ModelCard
from retinue.models.provider.wire import Wire
from retinue.models.timer import Timer

log = structlog.get_logger()

KEPT_S = 60.0  # until a list is asked for anew
PATIENCE_S = 5.0  # for a list that a call waits for


class ModelList:
    """What one provider lists. A list that can't be had anew stays as it was."""

    def __init__(self, wire: Wire, *, timer: Timer) -> None:
        self._wire, self._timer = wire, timer
        self._asked_at: float | None = None
        self._asking = asyncio.Lock()
        self.names: frozenset[str] | None = None
        """As the provider last told them; None if it never did."""

    async def cards(self) -> list[ModelCard]:
        """Ask for the list; raises ModelFault if the provider can't tell."""
        cards = await self._wire.cards()
        self.names = frozenset(card.id for card in cards)
        self._asked_at = self._timer.now()
        return cards

    async def has(self, model: str) -> bool:
        """Whether the list has a model; it is asked for where it is older than a minute."""
        if not self.shows(model):
            async with self._asking:
                await self._renew()
        return self.shows(model)

    def shows(self, model: str) -> bool:
        """Whether the list has a model, as far as it is known without asking."""
        # Ollama lists its models with a tag.
        return self.names is not None and (model in self.names or f"{model}:latest" in self.names)

    async def _renew(self) -> None:
        if self._asked_at is not None and self._timer.now() - self._asked_at < KEPT_S:
            return
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self.cards()
        except (ModelFault, TimeoutError) as fault:
            self._asked_at = self._timer.now()
            log.warning("models_not_listed", provider=self._wire.label, why=str(fault) or f"no list in {PATIENCE_S} s")
