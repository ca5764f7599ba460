"""The wait for a stream's next bytes, which has an end, and leaves everybody else a turn."""

import asyncio

import aiohttp

_TURN = 16 * 1024  # bytes, after which everybody else has a turn: they hold at most some hundred chunks of work


class Silent(TimeoutError):
    """Nothing came for too long; its text is the end of a sentence."""


def unanswered(seconds: float) -> Silent:
    """Return what an answer is that did not begin in time."""
    return Silent(f"it did not begin to answer within {seconds:g} s.")


class Silence:
    """Has a read that waits for too long raise `Silent`: for `first` seconds before the answer begins, else `idle`.

    One timer watches a whole stream: aiohttp's own bound is one for the first byte and all others alike, and sets a
    timer at each read.
    """

    def __init__(self, content: aiohttp.StreamReader, *, first: float, idle: float) -> None:
        self._content, self._first, self._idle = content, first, idle
        self._loop = asyncio.get_running_loop()
        self._begun = False
        self._since: float | None = None
        self._taken = 0
        self._timer = self._loop.call_later(first, self._look)

    async def read(self) -> bytes:
        """Return the next bytes as soon as there are any; none at the end of the stream."""
        if self._taken >= _TURN:  # a read that has bytes never waits
            self._taken = 0
            await asyncio.sleep(0)
        self._since = self._loop.time()
        read = await self._content.read(_TURN)
        self._taken += len(read)
        self._since = None  # who reads on only later has not been kept waiting
        return read

    def begun(self) -> None:
        """Note that the answer has begun."""
        self._begun = True
        self._timer.cancel()
        self._timer = self._loop.call_later(self._idle, self._look)

    def end(self) -> None:
        """Watch no more."""
        self._timer.cancel()

    def _look(self) -> None:
        seconds = self._idle if self._begun else self._first
        left = seconds if self._since is None else self._since + seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._content.set_exception(
                Silent(f"nothing came for {seconds:g} s.") if self._begun else unanswered(seconds)
            )
