"""All providers behind one seam: a request goes to those that serve its model, one by one until one answers."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

import structlog
from msgspec import structs

from retinue.core.errors import ModelFault
from retinue.models.base import REHEARSAL, Model, ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.faults.refused import Refused
from retinue.models.provider.health import Health
from retinue.models.provider.patience import Patience
from retinue.models.provider.provider import Provider
from retinue.models.relay import Relayed, RelayRequest, refusing
from retinue.models.routing.aliases import Aliases
from retinue.models.routing.built_in import BuiltIn
from retinue.models.routing.catalogue import catalogue
from retinue.models.routing.targets import Target, Targets, UnknownModel
from retinue.models.timer import Timer

log = structlog.get_logger()

PATIENCE_S = 60.0

_MOST_TOLD = 2_000  # characters of what is said where all of a chain failed
_ANSWERED_BY_CHAT_MODELS = ("chat/completions", "completions")

T = TypeVar("T")


class Router:
    """The models of all providers, and the built-in one, which answers for every name where there are none."""

    def __init__(
        self,
        providers: Sequence[Provider],
        rehearsal: Model,
        *,
        aliases: Mapping[str, tuple[str, ...]] | None = None,
        fallbacks: tuple[str, ...] = (),
        default_model: str | None = None,
        patience_s: float = PATIENCE_S,
        timer: Timer = Timer(),  # noqa: B008 - it is frozen
    ) -> None:
        """`default_model` serves for names that nobody has, `fallbacks` are asked last.

        Raises NotStarted for aliases that lead nowhere.
        """
        self._providers, self._rehearsal = tuple(providers), rehearsal
        self._patience_s, self._timer, self._default_model = patience_s, timer, default_model
        self._aliases = Aliases(aliases or {})
        self._targets = Targets(
            providers, BuiltIn(rehearsal), aliases=self._aliases, fallbacks=fallbacks, default_model=default_model
        )

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Return the stream of the first provider that begins to answer."""
        patience = Patience(self._patience_s, timer=self._timer, tell=request.waiting)

        async def ask(target: Target) -> AsyncGenerator[Sequence[ModelEvent], None]:
            return await target.provider.stream(structs.replace(request, model=target.model), patience)

        return await _first(await self._targets.of(request.model, chats=True), ask, patience)

    @asynccontextmanager
    async def relay(self, request: RelayRequest) -> AsyncIterator[Relayed]:
        """Return the answer of the first provider that gives one, or the last one's refusal."""
        async with AsyncExitStack() as stack:
            try:
                answer = await self._relayed(request, stack)
            except Refused as refused:
                answer = refused.answer
            except ModelFault as fault:
                answer = _refusal(fault)
            yield answer

    async def facts(self, name: str) -> ModelFacts:
        """Return what the provider knows that is asked first."""
        try:
            target = (await self._targets.of(name, chats=True))[0]
        except UnknownModel:
            return ModelFacts(model=name)
        return await target.provider.facts(target.model)

    async def cards(self) -> list[ModelCard]:
        """Return the models of all providers that can be reached, the built-in one, and the aliases."""
        return await catalogue(self._providers, self._rehearsal, self._aliases)

    @property
    def default_model(self) -> str | None:
        """What answers where no model is named, as far as the settings say; None where they don't."""
        if not self._providers:
            return REHEARSAL
        named = (name for provider in self._providers for name in (provider.default_model, *provider.named) if name)
        return self._default_model or next(named, None)

    @property
    def addresses(self) -> dict[str, str]:
        """The providers' base URLs by their names."""
        return {provider.name: provider.base_url for provider in self._providers}

    def health(self) -> list[Health]:
        """Return how each provider is."""
        return [provider.health() for provider in self._providers]

    async def close(self) -> None:
        """Let go of all connections."""
        await asyncio.gather(*(provider.close() for provider in self._providers), self._rehearsal.close())

    async def _relayed(self, request: RelayRequest, stack: AsyncExitStack) -> Relayed:
        patience = Patience(self._patience_s, timer=self._timer, queue_s=self._patience_s)

        async def ask(target: Target) -> Relayed:
            asked = structs.replace(request, model=target.model or request.model)
            return await target.provider.relay(asked, patience, stack)

        chats = request.operation in _ANSWERED_BY_CHAT_MODELS
        targets = await self._targets.of(request.model, chats=chats) if request.model else self._targets.of_any()
        return await _first(targets, ask, patience)


async def _first(targets: Sequence[Target], ask: Callable[[Target], Awaitable[T]], patience: Patience) -> T:
    """Return what the first target answers that does; raises the last one's fault, which tells of the others too."""
    told: list[str] = []
    for target in targets[:-1]:
        patience.asking(last=False)
        try:
            return await ask(target)
        except ModelFault as fault:
            if fault.blame == "request":
                raise
            told.append(fault.message)
            log.warning("next_provider_asked", instead_of=target.provider.name, model=target.model, why=fault.message)
            patience.tell(fault.message, 0)
    patience.asking(last=True)
    try:
        return await ask(targets[-1])
    except ModelFault as fault:
        fault.message = _joined([*told, fault.message])
        raise


def _joined(told: Sequence[str]) -> str:
    """Return what all of a chain said, the same once, as much of each as there is room for."""
    told = list(dict.fromkeys(told))
    most = _MOST_TOLD // len(told)
    return " ".join(one if len(one) < most else f"{one[: max(most - 2, 0)]}…" for one in told)


def _refusal(fault: ModelFault) -> Relayed:
    """Return the answer to a request that came to nobody; raises the fault where the server is to blame."""
    if isinstance(fault, UnknownModel):
        return refusing(404, fault.message, code="model_not_found")
    if fault.retry_after_s is None:
        raise fault
    status = 429 if fault.run_code == "rate_limit_exceeded" else 503
    headers = {"retry-after": str(math.ceil(fault.retry_after_s))}
    return refusing(status, fault.message, headers=headers, code=fault.run_code)
