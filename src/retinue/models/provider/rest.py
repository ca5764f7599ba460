"""When a provider is left alone: while its breaker is open, and while it asked for a pause."""

from collections.abc import Callable, Mapping

from retinue.core.errors import ModelFault, WindowExceeded
from retinue.models.faults.faults import StatusFault
from retinue.models.faults.refused import Refused
from retinue.models.provider.breaker import Breaker

_PAUSES = 1024  # models; names come from callers, so there is a bound
_ANSWERS = (Refused, StatusFault, WindowExceeded)
"""Faults of a provider that is there and well, whatever it says."""


class Rest:
    """What its faults teach of when to ask a provider, which is called `label` in sentences."""

    def __init__(self, label: str, *, now: Callable[[], float]) -> None:
        self._label, self._now = label, now
        self.breaker = Breaker(now=now)
        self._pauses: dict[str, float] = {}

    @property
    def pauses_s(self) -> Mapping[str, float]:
        """Models that it asked to be left alone with, and for how long from now."""
        now = self._now()
        return {model: until - now for model, until in self._pauses.items() if until > now}

    def wait_s(self, model: str) -> float:
        """Return for how long nobody may ask for a model; 0 is now."""
        paused = self._pauses.get(model, 0.0) - self._now() if self._pauses else 0.0
        return max(self.breaker.wait_s(), paused, 0.0)

    def note(self, fault: ModelFault, model: str, *, probe: bool) -> None:
        """Learn from a failure: how long to leave the provider alone, and whether it is well."""
        limited = fault.run_code == "rate_limit_exceeded"
        if fault.blame == "moment" and not limited:
            self.breaker.failed(fault.message, probe=probe)
        elif isinstance(fault, _ANSWERS):
            self.breaker.succeeded()
        else:
            self.breaker.left(probe=probe)
        if limited and fault.retry_after_s:
            self._pause(model, fault.retry_after_s)

    def fault(self, wait: float) -> ModelFault:
        """Return the fault of a call that does not wait for so long."""
        trouble = self.breaker.trouble
        if self.breaker.wait_s() and trouble:
            failing_for = self._now() - trouble.since
            return ModelFault(
                f"{self._label} has failed {self.breaker.failures} times in a row for {failing_for:.0f} s and is asked"
                f" again in {wait:.0f} s. The last time: {trouble.why}",
                blame="moment",
                retry_after_s=wait,
            )
        return ModelFault(
            f"{self._label} asked to be left alone for {wait:.0f} s more: too many requests. Try again then.",
            code="rate_limit_exceeded",
            blame="moment",
            retry_after_s=wait,
        )

    def _pause(self, model: str, seconds: float) -> None:
        now = self._now()
        if len(self._pauses) >= _PAUSES:
            self._pauses = {model: until for model, until in self._pauses.items() if until > now}
        if len(self._pauses) < _PAUSES:
            self._pauses[model] = now + seconds
