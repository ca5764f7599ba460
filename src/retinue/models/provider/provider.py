"""One provider among several: its places, its breaker, its list of models, and calls that are tried again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import TypeVar

import structlog

from retinue.core.caller import Caller
from retinue.core.errors import ModelFault
from retinue.models.base import ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.faults.refused import Refused
from retinue.models.provider.gate import Gate, Place
from retinue.models.provider.health import Health
from retinue.models.provider.model_list import ModelList
from retinue.models.provider.patience import Patience
from retinue.models.provider.patterns import is_pattern, matches_any
from retinue.models.provider.rest import Rest
from retinue.models.provider.wire import Wire
from retinue.models.relay import Relayed, RelayRequest
from retinue.models.timer import Timer

log = structlog.get_logger()

PARALLEL = 64

T = TypeVar("T")


class Provider:
    """A provider with all that makes it dependable; `wire` asks it once, here it is asked until it answers.

    `models` are patterns of the names that it serves; none means those that it lists.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        models: tuple[str, ...] = (),
        default_model: str | None = None,
        parallel: int = PARALLEL,
        timer: Timer = Timer(),  # noqa: B008 - it is frozen
    ) -> None:
        self.name, self.label, self.base_url = wire.name, wire.label, wire.base_url
        self.models, self.default_model = models, default_model
        self.listing = ModelList(wire, timer=timer)
        self._wire, self._timer, self._parallel = wire, timer, parallel
        self._gate = Gate(parallel)
        self._rest = Rest(self.label, now=timer.now)

    @property
    def wire(self) -> Wire:
        """The way to it on which each request goes out once."""
        return self._wire

    @property
    def named(self) -> tuple[str, ...]:
        """The models that the settings name in full."""
        return tuple(name for name in self.models if not is_pattern(name))

    def matches(self, model: str) -> bool:
        """Whether the settings say that it serves a model."""
        return matches_any(model, self.models)

    async def stream(self, request: ModelRequest, patience: Patience) -> AsyncGenerator[Sequence[ModelEvent], None]:
        """Return what the model says once it begins; raises ModelFault once patience is at its end."""

        async def once(place: Place) -> AsyncGenerator[Sequence[ModelEvent], None]:
            return await self._wire.stream(
                request, attempts=patience.tries, done=place.leave, first_byte_s=patience.first_byte_s
            )

        return await self._tried(once, request.caller, request.model, patience)

    async def relay(self, request: RelayRequest, patience: Patience, stack: AsyncExitStack) -> Relayed:
        """Hand a request on and return the answer, which lasts until the stack is left; raises Refused, ModelFault."""

        async def once(place: Place) -> Relayed:
            async with AsyncExitStack() as attempt:
                attempt.callback(place.leave)
                relaying = self._wire.relay(request, first_byte_s=patience.first_byte_s)
                answer = await attempt.enter_async_context(relaying)
                if answer.fault is not None:
                    raise Refused(answer, answer.fault)
                stack.push_async_exit(attempt.pop_all())
                return answer

        return await self._tried(once, request.caller, request.model or "", patience)

    async def facts(self, model: str) -> ModelFacts:
        """Return what is known of a model of its; never raises."""
        return await self._wire.facts(model)

    async def cards(self) -> list[ModelCard]:
        """Return the models that it serves; raises ModelFault if it can't tell, or lists none that is to be served."""
        cards = await self.listing.cards()
        served = [card for card in cards if not self.models or self.matches(card.id)]
        if cards and not served and not self.named:
            raise ModelFault(
                f"None of the {len(cards):,} models that {self.label} lists matches `models` in"
                f" [providers.{self.name}]: {', '.join(self.models)[:200]}. Correct the patterns."
            )
        return served

    def health(self) -> Health:
        """Return how it is at this moment."""
        now, trouble = self._timer.now(), self._rest.breaker.trouble
        return Health(
            provider=self.name,
            state=self._rest.breaker.state,
            failures=self._rest.breaker.failures,
            failing_for_s=now - trouble.since if trouble else None,
            asked_again_in_s=self._rest.breaker.wait_s(),
            why=trouble.why if trouble else None,
            running=self._gate.taken,
            queued=self._gate.queued,
            paused_s=self._rest.pauses_s,
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _tried(
        self, once: Callable[[Place], Awaitable[T]], caller: Caller | None, model: str, patience: Patience
    ) -> T:
        while True:
            place = await self._place(caller, model, patience)
            probe = self._rest.breaker.begin()
            patience.tries += 1
            try:
                answer = await once(place)
            except ModelFault as fault:
                place.leave()
                self._rest.note(fault, model, probe=probe)
                wait = patience.wait_after(fault, rest_s=self._rest.breaker.wait_s())
                log.warning(
                    "provider_asked_again", provider=self.label, why=fault.message, next_try_in_s=round(wait, 1)
                )
                patience.tell(fault.message, wait)
            except BaseException:
                place.leave()
                self._rest.breaker.left(probe=probe)
                raise
            else:
                self._rest.breaker.succeeded()
                return answer
            await self._timer.sleep(wait)

    async def _place(self, caller: Caller | None, model: str, patience: Patience) -> Place:
        """Wait until the provider may be asked, and for a place there."""
        while True:
            while wait := self._rest.wait_s(model):
                if wait > patience.left_s or (self._rest.breaker.wait_s() and not patience.last):
                    raise self._rest.fault(wait)
                patience.tell(self._rest.fault(wait).message, wait)
                await self._timer.sleep(wait)
            place = await self._enter(caller, patience)
            if not self._rest.wait_s(model):
                return place
            place.leave()

    async def _enter(self, caller: Caller | None, patience: Patience) -> Place:
        if (free := self._gate.free()) is not None:  # the bound of a wait costs more than all the rest here
            return free
        since, bound = self._timer.now(), patience.queue_s
        try:
            async with asyncio.timeout(bound):
                place = await self._gate.enter(caller.project if caller else "")
        except TimeoutError:
            raise ModelFault(
                f"All {self._parallel} places at {self.label} were taken for {bound or 0:.0f} s. Ask again later,"
                " or set a higher `parallel` for it.",
                code="rate_limit_exceeded",
                blame="moment",
                retry_after_s=1.0,
            ) from None
        patience.queued(self._timer.now() - since)
        return place
