"""Probes a model of a provider, and stores what is found out."""

import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from retinue.app.model_survey import opened_providers, stored_profiles
from retinue.app.models import place_of
from retinue.app.offline import open_store
from retinue.core.errors import InvalidRequest
from retinue.core.model_profile import ModelProfile
from retinue.models.about.probe import REQUESTS, Found, probe
from retinue.models.provider.provider import Provider
from retinue.settings import Settings


class Plan(Struct, frozen=True, kw_only=True):
    """What a probe is about to do."""

    provider: str
    model: str
    requests: int
    """How many it sends at most."""


async def probe_model(
    settings: Settings,
    *,
    provider: str | None,
    model: str | None,
    begin: Callable[[Plan], None],
    tell: Callable[[Found], None],
) -> ModelProfile:
    """Probe a provider's model, the first one's where none is named, and store what is found out.

    `begin` hears what will be asked before anything is, `tell` each result. Raises InvalidRequest where the settings
    have no such provider, ModelFault where it can't be asked.
    """
    profiles = await stored_profiles(settings.data)
    async with opened_providers(settings, ()) as (providers, _):
        chosen = _chosen(providers, provider)
        name = model or chosen.default_model or await _first_listed(chosen)
        begin(Plan(provider=chosen.name, model=name, requests=REQUESTS))
        found = await probe(chosen.wire, name, tell)
        facts = await chosen.facts(name)
        tell(Found("context", f"{facts.context_tokens:,} tokens" if facts.context_tokens else None))
    before = next((p for p in profiles if (p.place, p.model) == (place_of(chosen.base_url), name)), None)
    profile = ModelProfile(
        place=place_of(chosen.base_url),
        model=name,
        probed_at=time.time(),
        findings=found.findings,
        sizes=found.sizes.over(before.sizes) if before else found.sizes,
    )
    await _store(settings.data, profile)
    return profile


def _chosen(providers: list[Provider], name: str | None) -> Provider:
    if not providers:
        raise InvalidRequest(
            "There is no provider to probe: set OPENAI_API_KEY or OPENAI_BASE_URL, or name one in retinue.toml.",
            param="provider",
        )
    if name is None:
        return providers[0]
    for provider in providers:
        if provider.name == name:
            return provider
    names = ", ".join(provider.name for provider in providers)
    raise InvalidRequest(f"There is no provider '{name}'. There are: {names}.", param="provider")


async def _first_listed(provider: Provider) -> str:
    cards = await provider.cards()
    if not cards:
        raise InvalidRequest(f"{provider.label} lists no model. Name one with --model.", param="model")
    return cards[0].id


async def _store(data: Path, profile: ModelProfile) -> None:
    async with open_store(data) as opened:
        await opened.store.model_facts.put(profile)
