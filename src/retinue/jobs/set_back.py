"""Whether the wall clock was set back, which puts what is due off for as long."""

import time

from retinue.core.clock import Clock

_LEAST_S = 60.0
"""Clocks are corrected by less all the time, and whoever waits so much longer does not mind."""


class SetBack:
    """Compares the wall clock with one that is never set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead: float | None = None
        """Of the other one, at most, since it was seen to."""

    def noticed(self) -> bool:
        """Whether the clock was set back and nobody has seen to it; at first it may have been, before this process."""
        if self._ahead is None:
            return True
        ahead = self._clock() - time.monotonic()
        self._ahead = max(self._ahead, ahead)
        return ahead < self._ahead - _LEAST_S

    def seen_to(self) -> None:
        """Take the clock as it is now for right."""
        self._ahead = self._clock() - time.monotonic()
