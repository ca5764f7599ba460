"""Leaves a function alone for a while that keeps failing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from msgspec import Struct

from retinue.tools.declaration import Breaker, ToolError


class Shut(ToolError):
    """The function is left alone at present: it was not called."""


class Verdict(Struct):
    """How a call ended, as whoever made it says."""

    well: bool | None = None
    """None where it came to nothing that tells of the function's health."""


class Circuit:
    """Closed while calls end well; open after failures in a row; then half open: one call tries whether it heals."""

    def __init__(self, name: str, breaker: Breaker | None, *, now: Callable[[], float]) -> None:
        """Without a breaker it never opens. `now` must not be set back: a monotonic clock."""
        self._name, self._breaker, self._now = name, breaker, now
        self._failures = 0
        self._open_until: float | None = None
        self._trying = False

    @contextmanager
    def call(self) -> Iterator[Verdict]:
        """Let a call through that says how it ended; raises Shut."""
        if self._open_until is not None and (self._trying or self._now() < self._open_until):
            raise Shut(f"'{self._name}' is not available now: it failed repeatedly. Try it later.")
        trial, verdict = self._open_until is not None, Verdict()
        self._trying = trial
        try:
            yield verdict
        finally:
            if trial:  # one that came to nothing leaves the next call to be the trial
                self._trying = False
            if verdict.well:
                self._failures, self._open_until = 0, None
            elif verdict.well is False:
                self._failed(trial=trial)

    def _failed(self, *, trial: bool) -> None:
        """Take note of a failure. Calls that began before it opened tell nothing new."""
        self._failures += 1
        if self._breaker and (trial or (self._open_until is None and self._failures >= self._breaker.failures)):
            self._open_until = self._now() + self._breaker.pause_s
