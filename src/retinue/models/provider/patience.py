"""How long one call is tried: over all the providers of its chain, and with the one that is being asked."""

import math
from collections.abc import Callable

from retinue.core.errors import ModelFault
from retinue.models.base import Wait
from retinue.models.timer import Timer

FIRST_WAIT_S = 1.0  # before the second try at most; before each that follows, twice as long
LONGEST_WAIT_S = 32.0
WITH_ANOTHER_S = 5.0  # with one provider, while there is another to ask
WITH_ANOTHER_RETRIES = 2
FIRST_BYTE_S = 30.0
"""For the first byte of a stream, while there is another to ask: longer than most models need to be loaded."""


class Patience:
    """What is left of it; `asking` begins with a provider. Time in a queue is no time of trying."""

    def __init__(
        self, seconds: float, *, timer: Timer, queue_s: float | None = None, tell: Callable[[Wait], None] | None = None
    ) -> None:
        """`queue_s` bounds the wait for a place at the last provider; None leaves that to whoever waits.

        `tell` hears of each try that failed, where others follow.
        """
        self.tries = 0
        """How many calls were made, at all providers."""
        self.last = True
        """Whether nobody is left to ask after this provider."""
        self._timer, self._queue_s, self._tell = timer, queue_s, tell
        self._ends = self._part_ends = timer.now() + seconds
        self._retries: int | None = None
        self._waits = 0

    def asking(self, *, last: bool) -> None:
        """Begin with the next provider; the last one gets all that is left."""
        now = self._timer.now()
        self.last = last
        self._part_ends = self._ends if last else min(self._ends, now + WITH_ANOTHER_S)
        self._retries = None if last else WITH_ANOTHER_RETRIES
        self._waits = 0

    @property
    def left_s(self) -> float:
        """How long this provider may still be tried."""
        return self._part_ends - self._timer.now()

    @property
    def first_byte_s(self) -> float | None:
        """How long a stream may take to begin here; None leaves that to the provider's own bound.

        While there is another to ask it is what is left over all of them, 5 s at least and 30 s at most.
        """
        if self.last:
            return None
        return min(max(self._ends - self._timer.now(), WITH_ANOTHER_S), FIRST_BYTE_S)

    @property
    def queue_s(self) -> float | None:
        """How long to wait for a place here; None is for as long as it takes."""
        return self._queue_s if self.last else max(self.left_s, 0.0)

    def queued(self, seconds: float) -> None:
        """Note a wait for a place."""
        self._ends += seconds
        self._part_ends += seconds

    def tell(self, why: str, seconds: float) -> None:
        """Say why the next try follows, and in how many seconds."""
        if self._tell is not None:
            self._tell(Wait(why=why, seconds=seconds))

    def wait_after(self, fault: ModelFault, *, rest_s: float) -> float:
        """Return for how long to wait until the next try; raises the fault where there is none.

        `rest_s` is for how long the provider is left alone anyway.
        """
        asked, left = fault.retry_after_s or 0.0, self.left_s
        if fault.blame == "moment" and asked > max(left, 0.0):
            fault.message += f" It asks to be left alone for {math.ceil(asked)} s."
        if fault.blame != "moment" or self._waits == self._retries or left <= 0 or max(asked, rest_s) > left:
            raise fault
        longest = min(FIRST_WAIT_S * 2.0**self._waits, LONGEST_WAIT_S)
        self._waits += 1
        return max(asked, rest_s, min(longest * self._timer.chance(), left))
