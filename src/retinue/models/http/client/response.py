"""An answer whose head is there and whose body comes as it is read."""

import asyncio
from collections.abc import Mapping

from retinue.models.http.client.connection import Connection
from retinue.models.http.client.framing import Framing

TURN = 16 * 1024  # bytes, after which everybody else has a turn: they hold at most some hundred chunks of work


class Response:
    """An answer. One reader at a time; who reads no more closes it."""

    def __init__(self, connection: Connection, framing: Framing) -> None:
        assert framing.head is not None, "an answer begins with its head"
        self._connection, self._framing = connection, framing
        self._loop = asyncio.get_running_loop()
        self._head = framing.head
        self._taken = 0
        self.waiting_since: float | None = None
        """Since when its reader waits, by the loop's clock; None while nobody does."""

    @property
    def status(self) -> int:
        """Such as 200."""
        return self._head.status

    @property
    def reason(self) -> str:
        """The server's words for it; may be empty."""
        return self._head.reason

    @property
    def headers(self) -> Mapping[str, str]:
        """By names in lower case; of several of a name, the first."""
        return self._head.headers

    @property
    def content_type(self) -> str:
        """The body's media type in lower case, without parameters; empty if none is told."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int | None:
        """The body's length in bytes; None where only its end tells it."""
        told = self.headers.get("content-length")
        return None if told is None else int(told)  # the parser takes nothing but a number

    async def read(self) -> bytes:
        """Return what has come of the body, 16 KB at most, as soon as there is any; none at its end.

        Raises HTTPError where it is broken off, once all is taken that came before. A read that has bytes does not
        wait; after some of them it lets everybody else have a turn.
        """
        body = self._framing.body
        if not body:
            await self._until_more_came()
        elif self._taken >= TURN:
            self._taken = 0
            await asyncio.sleep(0)
        piece = bytes(body[:TURN])
        del body[:TURN]
        self._taken += len(piece)
        self._connection.go_on(self._framing)
        return piece

    def fail(self, exc: BaseException) -> None:
        """Have the reader raise this instead of waiting on, and end the connection."""
        self._framing.fail(exc)
        self.close()

    def close(self) -> None:
        """Take no more of it; unless it is whole, that ends the connection."""
        self._connection.part(self._framing)

    def finish(self, seconds: float) -> None:
        """Take no more of it; if its end comes within so many seconds, the connection can be used again."""
        self._connection.part(self._framing, seconds)

    async def _until_more_came(self) -> None:
        framing = self._framing
        self._taken = 0
        self.waiting_since = self._loop.time()
        try:
            while not framing.body and not framing.over:
                await self._connection.change()
        finally:
            self.waiting_since = None
        if not framing.body and not framing.complete:
            raise framing.taken_failure()
