"""The list of all models that can be asked for."""

import asyncio
from collections.abc import Sequence

import structlog
from msgspec import structs

from retinue.core.errors import ModelFault
from retinue.models.base import Model, ModelCard
from retinue.models.provider.model_list import PATIENCE_S
from retinue.models.provider.provider import Provider
from retinue.models.routing.aliases import Aliases

log = structlog.get_logger()


async def catalogue(providers: Sequence[Provider], built_in: Model, aliases: Aliases) -> list[ModelCard]:
    """Return the models of the providers side by side, then the built-in one and the aliases.

    A provider that can't tell in time is left out. Of a name that several have, the first is listed under it and
    the others under `provider/name`.
    """
    own = await built_in.cards()
    cards = {card.id: card for card in own}
    listed: dict[str, ModelCard] = {}
    for provider, theirs in zip(providers, await asyncio.gather(*map(_cards, providers)), strict=True):
        for card in theirs:
            name = f"{provider.name}/{card.id}" if card.id in listed or card.id in cards else card.id
            listed.setdefault(name, structs.replace(card, id=name))
    models = [*listed.values(), *own]
    return models + [_alias(name, aliases) for name in aliases.names if name not in listed and name not in cards]


async def _cards(provider: Provider) -> list[ModelCard]:
    """Return the models that a provider lists, and those that the settings name where it does not."""
    named = [ModelCard(id=name, owned_by=provider.name) for name in provider.named]
    try:
        async with asyncio.timeout(PATIENCE_S):
            listed = await provider.cards()
    except (ModelFault, TimeoutError) as fault:
        why = str(fault) or f"no list within {PATIENCE_S:g} s"
        log.warning("models_not_listed", provider=provider.name, why=why)
        return named
    ids = {card.id for card in listed}
    return listed + [card for card in named if card.id not in ids]


def _alias(name: str, aliases: Aliases) -> ModelCard:
    return ModelCard(id=name, owned_by="alias", description=f"Served by {', '.join(aliases.models(name))}.")
