"""One provider among several: its places, its breaker, its list of models, and calls that are tried again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from fnmatch import fnmatchcase
from typing import TypeVar

import structlog
from msgspec import Struct

from retinue.core.caller import Caller
from retinue.core.errors import ModelFault
from retinue.models.base import ModelCard, ModelEvent, ModelFacts, ModelRequest
from retinue.models.breaker import Breaker, State
from retinue.models.gate import Gate, Place
from retinue.models.model_list import ModelList
from retinue.models.patience import Patience
from retinue.models.relay import Relayed, RelayRequest
from retinue.models.timer import Timer
from retinue.models.wire import Wire

log = structlog.get_logger()

PARALLEL = 64
_PAUSES = 1024  # models; names come from callers, so there is a bound

T = TypeVar("T")


class Health(Struct, frozen=True, kw_only=True):
    """How a provider is, for people and pages; times in seconds."""

    provider: str
    state: State
    failures: int
    """In a row."""
    failing_for_s: float | None
    asked_again_in_s: float
    """0 is now."""
    why: str | None
    """The last failure."""
    running: int
    queued: int
    paused_s: Mapping[str, float]
    """Models that it asked to be left alone with, and for how long."""


class Refused(ModelFault):
    """A relayed request was refused; `answer` is the refusal, for the caller to read."""

    def __init__(self, answer: Relayed, fault: ModelFault) -> None:
        super().__init__(fault.message, code=fault.run_code, blame=fault.blame, retry_after_s=fault.retry_after_s)
        self.answer = answer


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
        self._breaker = Breaker(now=timer.now)
        self._pauses: dict[str, float] = {}

    def matches(self, model: str) -> bool:
        """Whether the settings say that it serves a model."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)

    async def stream(self, request: ModelRequest, patience: Patience) -> AsyncGenerator[ModelEvent, None]:
        """Return what the model says once it begins; raises ModelFault once patience is at its end."""

        async def once(place: Place) -> AsyncGenerator[ModelEvent, None]:
            return await self._wire.stream(request, attempts=patience.tries, done=place.leave)

        return await self._tried(once, request.caller, request.model, patience)

    async def relay(self, request: RelayRequest, patience: Patience, stack: AsyncExitStack) -> Relayed:
        """Hand a request on and return the answer, which lasts until the stack is left; raises Refused, ModelFault."""

        async def once(place: Place) -> Relayed:
            async with AsyncExitStack() as attempt:
                attempt.callback(place.leave)
                answer = await attempt.enter_async_context(self._wire.relay(request))
                if answer.fault is not None:
                    raise Refused(answer, answer.fault)
                stack.push_async_exit(attempt.pop_all())
                return answer

        return await self._tried(once, request.caller, request.model or "", patience)

    async def facts(self, model: str) -> ModelFacts:
        """Return what is known of a model of its; never raises."""
        return await self._wire.facts(model)

    async def cards(self) -> list[ModelCard]:
        """Return the models that it serves; raises ModelFault if it can't tell."""
        cards = await self.listing.cards()
        return [card for card in cards if not self.models or self.matches(card.id)]

    def health(self) -> Health:
        """Return how it is at this moment."""
        now, trouble = self._timer.now(), self._breaker.trouble
        return Health(
            provider=self.name,
            state=self._breaker.state,
            failures=self._breaker.failures,
            failing_for_s=now - trouble.since if trouble else None,
            asked_again_in_s=self._breaker.wait_s(),
            why=trouble.why if trouble else None,
            running=self._gate.taken,
            queued=self._gate.queued,
            paused_s={model: until - now for model, until in self._pauses.items() if until > now},
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _tried(
        self, once: Callable[[Place], Awaitable[T]], caller: Caller | None, model: str, patience: Patience
    ) -> T:
        while True:
            place = await self._place(caller, model, patience)
            probe = self._breaker.begin()
            patience.tries += 1
            try:
                answer = await once(place)
            except ModelFault as fault:
                place.leave()
                self._note(fault, model, probe=probe)
                wait = patience.wait_after(fault, rest_s=self._breaker.wait_s())
                log.warning(
                    "provider_asked_again", provider=self.label, why=fault.message, next_try_in_s=round(wait, 1)
                )
            except BaseException:
                place.leave()
                self._breaker.left(probe=probe)
                raise
            else:
                self._breaker.succeeded()
                return answer
            await self._timer.sleep(wait)

    async def _place(self, caller: Caller | None, model: str, patience: Patience) -> Place:
        """Wait until the provider may be asked, and for a place there."""
        while True:
            while wait := self._rest_s(model):
                if wait > patience.left_s or (self._breaker.wait_s() and not patience.last):
                    raise self._resting(wait)
                await self._timer.sleep(wait)
            place = await self._enter(caller, patience)
            if not self._rest_s(model):
                return place
            place.leave()

    async def _enter(self, caller: Caller | None, patience: Patience) -> Place:
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

    def _note(self, fault: ModelFault, model: str, *, probe: bool) -> None:
        """Learn from a failure: how long to leave the provider alone, and whether it is well."""
        limited = fault.run_code == "rate_limit_exceeded"
        if fault.blame == "moment" and not limited:
            self._breaker.failed(fault.message, probe=probe)
        elif probe and not isinstance(fault.__cause__, Exception):
            self._breaker.succeeded()  # it answers, whatever it says
        else:
            self._breaker.left(probe=probe)
        if limited and fault.retry_after_s:
            self._pause(model, fault.retry_after_s)

    def _pause(self, model: str, seconds: float) -> None:
        now = self._timer.now()
        if len(self._pauses) >= _PAUSES:
            self._pauses = {model: until for model, until in self._pauses.items() if until > now}
        if len(self._pauses) < _PAUSES:
            self._pauses[model] = now + seconds

    def _rest_s(self, model: str) -> float:
        paused = self._pauses.get(model, 0.0) - self._timer.now() if self._pauses else 0.0
        return max(self._breaker.wait_s(), paused, 0.0)

    def _resting(self, wait: float) -> ModelFault:
        trouble = self._breaker.trouble
        if self._breaker.wait_s() and trouble:
            failing_for = self._timer.now() - trouble.since
            return ModelFault(
                f"{self.label} has failed {self._breaker.failures} times in a row for {failing_for:.0f} s and is asked"
                f" again in {wait:.0f} s. The last time: {trouble.why}",
                blame="moment",
                retry_after_s=wait,
            )
        return ModelFault(
            f"{self.label} asked to be left alone for {wait:.0f} s more: too many requests. Try again then.",
            code="rate_limit_exceeded",
            blame="moment",
            retry_after_s=wait,
        )
