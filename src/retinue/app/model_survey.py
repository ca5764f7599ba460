"""What models there are: each provider asked for its list, side by side, with what is known of each of its models."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec import Struct

from retinue.app.folder import has_database
from retinue.app.models import place_of, providers_of, serving_of
from retinue.app.offline import open_store
from retinue.app.prices import prices_of
from retinue.core.errors import ModelFault
from retinue.core.model_profile import ModelProfile
from retinue.models.address import without_password
from retinue.models.base import REHEARSAL, ModelCard
from retinue.models.prices.prices import Prices
from retinue.models.provider.provider import Provider
from retinue.models.routing.aliases import Aliases
from retinue.settings import Settings

_PATIENCE_S = 15.0  # for all that a provider is asked
_SIDE_BY_SIDE = 8  # models of one provider that are looked into


class SurveyedModel(Struct, frozen=True, kw_only=True):
    """A model that can be asked for; None is what nobody knows."""

    name: str
    context_tokens: int | None
    completion_tokens: int | None
    images: bool | None
    prompt_usd: float | None
    """For a million tokens, as is the next."""
    completion_usd: float | None
    aliases: tuple[str, ...]
    """Names that it serves too."""
    probed_at: float | None
    """When `retinue models probe` last asked about it."""


class SurveyedProvider(Struct, frozen=True, kw_only=True):
    """A provider, and its models; where it can't be asked, `problem` says why and what to do."""

    name: str
    base_url: str
    dialect: str
    problem: str | None
    answered_in_s: float
    models: tuple[SurveyedModel, ...]


class Survey(Struct, frozen=True, kw_only=True):
    """All models, and who serves names that are none of theirs."""

    why: str
    """Why these providers serve, in sentences."""
    providers: tuple[SurveyedProvider, ...]
    unknown_names: str
    """What serves them, in words."""
    fallbacks: tuple[str, ...]


async def survey(settings: Settings) -> Survey:
    """Ask every provider of the settings; takes 15 s at most. Raises NotStarted where the settings make no sense."""
    profiles = await stored_profiles(settings.data)
    async with opened_providers(settings, profiles) as (providers, why):
        prices = prices_of(settings, {provider.name: provider.base_url for provider in providers})
        asked = [_surveyed(provider, settings, prices, profiles) for provider in providers]
        return Survey(
            why=why,
            providers=tuple(await asyncio.gather(*asked)),
            unknown_names=_unknown_names(settings, providers),
            fallbacks=settings.fallbacks,
        )


@contextlib.asynccontextmanager
async def opened_providers(
    settings: Settings, profiles: Sequence[ModelProfile]
) -> AsyncIterator[tuple[list[Provider], str]]:
    """Yield the providers of the settings, and why it is these."""
    serving = await serving_of(settings, settings.port)
    providers = providers_of(settings, serving, profiles)
    try:
        yield providers, serving.why
    finally:
        await asyncio.gather(*(provider.close() for provider in providers))


async def stored_profiles(data: Path) -> Sequence[ModelProfile]:
    """Return what probes found out; a folder that is not there is not made for that."""
    if not has_database(data):
        return ()
    async with open_store(data) as opened:
        return await opened.store.model_facts.list()


async def _surveyed(
    provider: Provider, settings: Settings, prices: Prices, profiles: Sequence[ModelProfile]
) -> SurveyedProvider:
    began, problem, models = time.monotonic(), None, []
    place = place_of(provider.base_url)
    probed = {profile.model: profile.probed_at for profile in profiles if profile.place == place}
    try:
        async with asyncio.timeout(_PATIENCE_S):
            cards = await provider.cards()
            answered = time.monotonic() - began
            models = await _looked_into(provider, cards, settings, prices, probed)
    except ModelFault as fault:
        answered, problem = time.monotonic() - began, fault.message
    except TimeoutError:
        answered, problem = (
            _PATIENCE_S,
            f"{provider.label} did not answer within {_PATIENCE_S:.0f} s. See that it runs.",
        )
    return SurveyedProvider(
        name=provider.name,
        base_url=without_password(provider.base_url),
        dialect=provider.wire.dialect,
        problem=problem,
        answered_in_s=round(answered, 3),
        models=tuple(models),
    )


async def _looked_into(
    provider: Provider, cards: Sequence[ModelCard], settings: Settings, prices: Prices, probed: dict[str, float]
) -> list[SurveyedModel]:
    places = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def look(card: ModelCard) -> SurveyedModel:
        async with places:
            facts = await provider.facts(card.id)
            rates = await prices.rates(provider.name, card.id)
        return SurveyedModel(
            name=card.id,
            context_tokens=facts.context_tokens,
            completion_tokens=facts.completion_tokens,
            images=facts.images,
            prompt_usd=rates.prompt if rates else None,
            completion_usd=rates.completion if rates else None,
            aliases=_aliases(settings, provider.name, card.id),
            probed_at=probed.get(card.id),
        )

    return list(await asyncio.gather(*map(look, sorted(cards, key=lambda card: card.id))))


def _aliases(settings: Settings, provider: str, model: str) -> tuple[str, ...]:
    names, aliases = {model, f"{provider}/{model}"}, Aliases(settings.aliases)
    return tuple(alias for alias in aliases.names if alias not in names and names & set(aliases.models(alias)))


def _unknown_names(settings: Settings, providers: Sequence[Provider]) -> str:
    if not providers:
        return f"{REHEARSAL}, the built-in model, which follows rules and is no language model"
    listing = [provider for provider in providers if not provider.models]
    defaults = [f"{provider.name}/{provider.default_model}" for provider in providers if provider.default_model]
    if defaults:
        return ", then ".join(defaults)
    if len(listing) == 1:
        return f"{listing[0].name}, which is asked for them by these names"
    return settings.model or "nobody: a request for one is refused"
