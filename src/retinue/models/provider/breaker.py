"""The circuit breaker of a provider: after failures in a row it is left alone for a while, then tried by one call.

Standard states: "closed" asks, "open" does not, "half_open" lets one call through to see.
"""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

FAILURES = 5  # in a row, until the breaker opens
REST_S = 30.0  # for which it is open the first time; each time that follows twice as long,
LONGEST_REST_S = 300.0  # but no longer than this
LOOK_S = 1.0  # until who waits for another call's probe looks again

State = Literal["closed", "open", "half_open"]


class Trouble(Struct, frozen=True, kw_only=True):
    """What a breaker that is not closed knows."""

    since: float
    """When the failures in a row began, by the breaker's clock."""
    why: str
    """The last one, as a sentence."""


class Breaker:
    """Counts failures in a row. Whoever asks the provider says `begin` before, and after it how it went."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self.failures = 0
        """In a row, until now."""
        self.trouble: Trouble | None = None
        self._rest_s = REST_S
        self._until: float | None = None
        self._probing = False

    @property
    def state(self) -> State:
        """What it does with the next call."""
        if self._until is None:
            return "closed"
        return "half_open" if self._probing or self._now() >= self._until else "open"

    def wait_s(self) -> float:
        """Return for how long nobody may ask; 0 is now."""
        if self._until is None:
            return 0.0
        return LOOK_S if self._probing else max(self._until - self._now(), 0.0)

    def begin(self) -> bool:
        """Note that somebody asks; return whether that is the probe."""
        probe = self._until is not None
        self._probing = self._probing or probe
        return probe

    def succeeded(self) -> None:
        """The provider answered: whatever was, it is well."""
        self.failures, self.trouble, self._until, self._probing = 0, None, None, False
        self._rest_s = REST_S

    def failed(self, why: str, *, probe: bool) -> None:
        """The provider failed, as `why` says. Calls that began before the breaker opened tell nothing new."""
        self.failures += 1
        since = self.trouble.since if self.trouble else self._now()
        self.trouble = Trouble(since=since, why=why)
        if probe:
            self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
        if probe or (self._until is None and self.failures >= FAILURES):
            self._until = self._now() + self._rest_s
            self._probing = False

    def left(self, *, probe: bool) -> None:
        """The call ended without an answer of any kind; a probe leaves the next call to be one."""
        if probe:
            self._probing = False
