"""The wait for a stream's next bytes, which has an end."""

import asyncio

from retinue.models.http.client import Response


class Silent(TimeoutError):
    """Nothing came for too long; its text is the end of a sentence."""


def unanswered(seconds: float) -> Silent:
    """Return what an answer is that did not begin in time."""
    return Silent(f"it did not begin to answer within {seconds:g} s.")


class Silence:
    """Has a read that waits for too long raise `Silent`: for `first` seconds before the answer begins, else `idle`.

    One timer watches a whole stream and looks at it now and then: one for each read costs as much as the read.
    """

    def __init__(self, response: Response, *, first: float, idle: float) -> None:
        self._response, self._first, self._idle = response, first, idle
        self._loop = asyncio.get_running_loop()
        self._begun = False
        self._timer = self._loop.call_later(min(first, idle), self._look)

    def begun(self) -> None:
        """Note that the answer has begun."""
        self._begun = True

    def end(self) -> None:
        """Watch no more."""
        self._timer.cancel()

    def _look(self) -> None:
        seconds = self._idle if self._begun else self._first
        since = self._response.waiting_since  # who reads on only later has not been kept waiting
        left = seconds if since is None else since + seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(min(left, self._idle), self._look)
        else:
            self._response.fail(Silent(f"nothing came for {seconds:g} s.") if self._begun else unanswered(seconds))
