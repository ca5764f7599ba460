"""Puts the models together: the providers of the settings, the one of the OPENAI_* variables, the built-in model."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence

import structlog
from msgspec import structs

from retinue.core.errors import ModelFault, NotStarted
from retinue.core.model_profile import ModelProfile, Sizes
from retinue.models.about.facts import Known
from retinue.models.address import LOOPBACK, without_password
from retinue.models.base import REHEARSAL
from retinue.models.dialects import DIALECTS
from retinue.models.discover import LOCAL_SERVERS, FoundProvider, Serving, discover
from retinue.models.faults.faults import OPENAI_VARIABLES, StatusFault, remedies_of
from retinue.models.openai import OpenAICompatible
from retinue.models.provider.provider import Provider
from retinue.models.rehearsal import Rehearsal, load_script
from retinue.models.routing.router import Router
from retinue.settings import DEFAULT_PORT, ModelSettings, ProviderSettings, Settings

log = structlog.get_logger()

UNBOUNDED = 100_000
"""Requests side by side at the provider of the OPENAI_* variables, which have none to say how many it takes.

The default of named providers would have most runs of a large server wait, and nothing could be set against that. Who
wants a bound names the provider in the settings, where `parallel` is one.
"""

_NO_LIST = (404, 405, 501)  # of a provider that does not list its models, which is its right


@contextlib.asynccontextmanager
async def open_models(
    settings: Settings, port: int, profiles: Sequence[ModelProfile] = ()
) -> AsyncIterator[tuple[Router, Serving]]:
    """Open the models of a server on `port`; raises NotStarted where the settings make no sense.

    `profiles` are what probes found out of providers' models.
    """
    serving = await serving_of(settings, port)
    providers = providers_of(settings, serving, profiles)
    router = Router(
        providers,
        Rehearsal(load_script(settings.script) if settings.script else None),
        aliases=settings.aliases,
        fallbacks=settings.fallbacks,
        default_model=settings.model,
        patience_s=settings.patience_s,
    )
    checking = asyncio.create_task(_check(providers), name="check providers")
    try:
        yield router, serving
    finally:
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)
        await router.close()


async def serving_of(settings: Settings, port: int) -> Serving:
    """Find out who serves at a server on `port`, beside the providers that the settings name."""
    if settings.script:
        why = f"A script for the rehearsal model is set: {settings.script}. It follows rules and is no language model."
        return Serving(endpoint=None, why=why, label=REHEARSAL)
    # the usual port too: people keep OPENAI_BASE_URL set to it in the shell that they start servers from
    own = [f"{host}:{known}" for host in (settings.host, *LOOPBACK) for known in (port, DEFAULT_PORT)]
    probed = () if settings.providers else LOCAL_SERVERS
    found = await discover(settings.base_url, settings.api_key, settings.model, own_addresses=own, local_servers=probed)
    return _among(settings.providers, found) if settings.providers else found


def _among(named: Sequence[ProviderSettings], found: Serving) -> Serving:
    """Return who serves where the settings name providers: those, and before them what else was found."""
    names = ", ".join(provider.name for provider in named)
    why = f"The settings name {'a provider' if len(named) == 1 else f'{len(named)} providers'}."
    endpoint = found.endpoint
    if endpoint is None or any(endpoint.name == p.name or endpoint.base_url == p.base_url for p in named):
        return Serving(endpoint=None, why=why, label=names)
    return structs.replace(found, why=f"{found.why} {why}", label=f"{endpoint.label}, {names}")


def providers_of(settings: Settings, serving: Serving, profiles: Sequence[ModelProfile]) -> list[Provider]:
    """Return the providers that serve, in the order in which they are asked; raises NotStarted as `open_models`."""
    if settings.script:
        return []
    names = [provider.name for provider in settings.providers]
    for name in names:
        if "/" in name or not name.isprintable() or names.count(name) > 1 or name == REHEARSAL:
            raise NotStarted(f"[providers.{name}] can't bear that name. Choose another, without '/'.")
    found = [_found(serving.endpoint, settings, profiles)] if serving.endpoint else []
    return found + [_named(provider, settings, profiles) for provider in settings.providers]


def _found(endpoint: FoundProvider, settings: Settings, profiles: Sequence[ModelProfile]) -> Provider:
    known = _known(endpoint.base_url, endpoint.name, settings, profiles)
    wire = OpenAICompatible(
        endpoint.base_url,
        endpoint.api_key,
        name=endpoint.name,
        label=endpoint.label,
        remedies=OPENAI_VARIABLES,
        known=known,
    )
    return Provider(wire, default_model=endpoint.default_model, parallel=UNBOUNDED)


def _named(provider: ProviderSettings, settings: Settings, profiles: Sequence[ModelProfile]) -> Provider:
    known = _known(provider.base_url, provider.name, settings, profiles)
    if provider.dialect is not None and provider.dialect not in DIALECTS:
        names = ", ".join(DIALECTS)
        raise NotStarted(f"dialect in [providers.{provider.name}] is {provider.dialect!r}; it must be one of {names}.")
    wire = OpenAICompatible(
        provider.base_url,
        provider.api_key,
        name=provider.name,
        label=provider.name,
        headers=provider.headers,
        remedies=remedies_of(provider.name, provider.key),
        connect_seconds=provider.connect_s,
        first_byte_seconds=provider.first_byte_s,
        idle_seconds=provider.idle_s,
        known=structs.replace(known, dialect=provider.dialect),
    )
    return Provider(wire, models=provider.models, default_model=provider.default_model, parallel=provider.parallel)


def _known(base_url: str, name: str, settings: Settings, profiles: Sequence[ModelProfile]) -> Known:
    """Return what is known of a provider's models before it is asked."""
    told = {model: _sizes(about) for model, about in settings.models.items()}
    own = {model.removeprefix(f"{name}/"): sizes for model, sizes in told.items() if model.startswith(f"{name}/")}
    place = place_of(base_url)
    return Known(sizes=told | own, profiles=tuple(profile for profile in profiles if profile.place == place))


def _sizes(about: ModelSettings) -> Sizes:
    return Sizes(context_tokens=about.context_tokens, completion_tokens=about.completion_tokens, images=about.images)


def place_of(base_url: str) -> str:
    """Return how a provider's address stands in stored profiles: without a password, and always the same."""
    return without_password(base_url.strip()).rstrip("/")


async def _check(providers: Sequence[Provider]) -> None:
    """Ask each provider whether its address and key are right, and say so where they are not."""
    await asyncio.gather(*map(_check_one, providers))


async def _check_one(provider: Provider) -> None:
    try:
        await provider.listing.cards()
    except ModelFault as fault:
        if not (isinstance(fault, StatusFault) and fault.status in _NO_LIST):
            log.warning("provider_not_ready", provider=provider.name, why=fault.message)
