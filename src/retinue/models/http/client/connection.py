"""A connection to a server: one request at a time, and its answer, no faster than it is read."""

import asyncio
from collections.abc import Callable
from typing import cast

from retinue.models.http.client.errors import AnswerTimeout, ConnectionLost, HTTPError, InvalidAnswer
from retinue.models.http.client.framing import Framing

_HIGH = 64 * 1024  # bytes of a body that wait for their reader; above it the server is read from no more
_LOW = 16 * 1024  # bytes, at which it is again
_AT_ONCE = 64 * 1024  # bytes of a request's body that are handed on without a look whether the server takes them


class Connection(asyncio.Protocol):
    """One connection. Between two requests nothing may come: bytes that nobody asked for end it."""

    def __init__(self, *, rests: Callable[["Connection"], None], ends: Callable[["Connection"], None]) -> None:
        """`rests` is told when the next request may be sent, `ends` when none will be."""
        self._rests, self._ends = rests, ends
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._framing: Framing | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._ended = False
        self._stands_still = False  # above the high-water mark
        self._congested = False  # the server does not take what is sent
        self._sends = False  # a body that is longer than what goes out at once

    @property
    def usable(self) -> bool:
        """Whether a request can be sent, as far as is known here."""
        return self._transport is not None and not self._ended and not self._transport.is_closing()

    async def ask(self, head: bytes, body: bytes, *, seconds: float) -> Framing:
        """Send a request and return its answer once that has a head; raises HTTPError if none comes in time."""
        framing = self._framing = Framing()
        # `asyncio.timeout` costs twice as much.
        timer = self._loop.call_later(seconds, self.fail, AnswerTimeout())
        try:
            await self._send(head, body)
            while framing.head is None:
                if framing.over:
                    raise framing.taken_failure()
                await self.change()
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        return framing

    def change(self) -> "asyncio.Future[None]":
        """Return what is done when something happens: bytes come, the end does, or the server takes more."""
        self._waiter = self._loop.create_future()
        return self._waiter

    def go_on(self, framing: Framing) -> None:
        """Read on, where a body that waited for its reader is nearly taken."""
        if self._stands_still and self._framing is framing and len(framing.body) <= _LOW:
            self._stands_still = False
            self._connected().resume_reading()

    def part(self, framing: Framing, seconds: float = 0) -> None:
        """Have nobody read this answer's rest: unless that comes within so many seconds, the connection ends."""
        if self._framing is not framing:  # it is over
            return
        self._stop_closing()
        if seconds:
            self._closing = self._loop.call_later(seconds, self.close)
        else:
            self.close()

    def close(self) -> None:
        """End the connection and the answer that is under way."""
        self.fail(ConnectionLost())

    def fail(self, exc: HTTPError) -> None:
        """End the connection, and have this be why the answer that is under way comes no further."""
        if self._framing is not None:
            self._framing.fail(exc)
        self._end(None)
        if self._transport is not None:
            # What is not sent by now would keep a connection open whose server takes nothing.
            self._transport.abort()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self._transport = cast(asyncio.Transport, transport)  # of a stream, as it was asked for

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        framing = self._framing
        if framing is None:
            self.close()
            return
        try:
            framing.feed(data)
        except InvalidAnswer as exc:
            self.fail(InvalidAnswer(str(exc)))  # that one holds this frame, which holds who keeps it
            return
        if framing.complete:
            self._rest(framing)
        elif len(framing.body) > _HIGH and not self._stands_still:
            self._stands_still = True
            self._connected().pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """The server sends no more."""
        self._end(None)
        self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is no more."""
        self._transport = None  # it and this value hold each other
        self._end(exc)

    def pause_writing(self) -> None:
        """The server takes nothing for now."""
        self._congested = True

    def resume_writing(self) -> None:
        """The server takes more."""
        self._congested = False
        self._wake()

    async def _send(self, head: bytes, body: bytes) -> None:
        if not self.usable:
            raise ConnectionLost()
        transport = self._connected()
        if len(body) <= _AT_ONCE:
            transport.write(head + body)
            return
        self._sends = True
        transport.write(head)
        rest = memoryview(body)
        while rest and not self._is_answered():
            transport.write(rest[:_AT_ONCE])
            rest = rest[_AT_ONCE:]
            while self._congested and not self._is_answered():
                await self.change()
        if rest and self.usable:  # the answer is there already: it is read now, while the rest goes out beside it
            transport.write(rest)
        self._sends = False

    def _is_answered(self) -> bool:
        return self._framing is None or self._framing.head is not None

    def _rest(self, framing: Framing) -> None:
        """Let go of an answer that is whole, and be there for the next."""
        self._framing = None
        self._stop_closing()
        transport = self._connected()
        if self._stands_still:
            self._stands_still = False
            transport.resume_reading()
        if framing.keeps_alive and not self._sends and not transport.get_write_buffer_size():
            self._rests(self)
        else:
            self.close()

    def _end(self, exc: BaseException | None) -> None:
        framing, self._framing, self._ended = self._framing, None, True
        self._stop_closing()
        if framing is not None:
            framing.end(exc)
        self._ends(self)
        self._wake()

    def _stop_closing(self) -> None:
        closing, self._closing = self._closing, None
        if closing is not None:
            closing.cancel()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _connected(self) -> asyncio.Transport:
        assert self._transport is not None, "it is connected"
        return self._transport
