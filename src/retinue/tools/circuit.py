"""Leaves a function alone for a while that keeps failing."""

from retinue.core.clock import Clock
from retinue.tools.declaration import Breaker


class Circuit:
    """Closed while calls end well; open after failures in a row; then one call is a trial of whether it heals."""

    def __init__(self, breaker: Breaker, clock: Clock) -> None:
        self._breaker, self._clock = breaker, clock
        self._failures = 0
        self._open_until = 0.0

    def admits(self) -> bool:
        """Whether a call may be made now; the first that may after a pause keeps others out until it has ended."""
        if self._failures < self._breaker.failures:
            return True
        if self._clock() < self._open_until:
            return False
        self._pause()
        return True

    def succeeded(self) -> None:
        """Take note of a call that ended well."""
        self._failures = 0

    def failed(self) -> None:
        """Take note of one that did not."""
        self._failures += 1
        if self._failures >= self._breaker.failures:
            self._pause()

    def _pause(self) -> None:
        self._open_until = self._clock() + self._breaker.pause_s
