"""Requests over HTTP/1.1 to any number of places, over connections that are kept for the next."""

import asyncio
from collections.abc import Mapping

from retinue.models.http.client.address import Address, address_of
from retinue.models.http.client.connection import Connection
from retinue.models.http.client.dialing import Dialing
from retinue.models.http.client.errors import ConnectionLost, ConnectTimeout
from retinue.models.http.client.pool import Pool
from retinue.models.http.client.request import head_of
from retinue.models.http.client.response import Response

_STALE_SECONDS = 1.0  # no server closes a connection for its age sooner


class Client:
    """Asks. Its connections belong to the event loop of the first request."""

    def __init__(
        self, *, connect_seconds: float, proxy: Address | None = None, stale_seconds: float = _STALE_SECONDS
    ) -> None:
        """`connect_seconds` bounds how long a connection may take to come about; all go through `proxy`, if one is.

        A request that meets a connection which rested for `stale_seconds` and is closed without a byte of an answer
        is sent once more: the server closed it for its age, before it read the request. One that closes sooner may
        have read it; whether that is asked again is the caller's to decide, for it may be paid for twice.
        """
        self._connect_seconds, self._stale_seconds = connect_seconds, stale_seconds
        self._proxy = proxy
        self._dialing = Dialing(proxy)
        self._pool = Pool()

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Response:
        """Send a request and return its answer, whatever its status, once it has a head.

        Raises HTTPError if there is none, ValueError for headers that can't be sent. Who gives up waiting ends the
        connection. The answer is to be read to its end or closed.
        """
        address = address_of(url)
        length = None if body is None else len(body)
        head = head_of(method, address, headers or {}, length=length, proxy=self._proxy)
        if found := self._pool.resting(address.origin):
            connection, rested = found
            try:
                return Response(connection, await connection.ask(head, body or b""))
            except ConnectionLost as exc:
                if not exc.unanswered or rested < self._stale_seconds:
                    raise
        connection = await self._connected(address)
        return Response(connection, await connection.ask(head, body or b""))

    async def close(self) -> None:
        """End all connections; a later request opens new ones."""
        self._pool.close()
        self._dialing.forget()
        await asyncio.sleep(0)  # the loop closes a socket in its next turn

    async def _connected(self, address: Address) -> Connection:
        connection = self._pool.connection(address.origin)
        try:
            async with asyncio.timeout(self._connect_seconds) as bound:
                await self._dialing.connect(address, connection)
        except BaseException as exc:
            connection.close()
            if bound.expired():
                raise ConnectTimeout(f"no connection within {self._connect_seconds:g} s.") from exc
            raise
        return connection
