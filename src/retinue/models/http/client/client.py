"""Requests over HTTP/1.1 to any number of places, over connections that are kept for the next."""

import asyncio
from collections.abc import Mapping

from retinue.models.http.client.address import Address, address_of
from retinue.models.http.client.connection import Connection
from retinue.models.http.client.dialing import Dialing
from retinue.models.http.client.errors import ConnectionLost, ConnectTimeout
from retinue.models.http.client.pool import Pool
from retinue.models.http.client.proxy import Proxy
from retinue.models.http.client.request import head_of
from retinue.models.http.client.response import Response


class Client:
    """Asks. Its connections belong to the event loop of the first request."""

    def __init__(self, *, connect_seconds: float, proxy: Proxy | None = None) -> None:
        """`connect_seconds` bounds how long a connection may take to come about, all of it counted."""
        self._connect_seconds = connect_seconds
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
        connection = self._pool.resting(address.origin)
        if connection is not None:
            try:
                return Response(connection, await connection.ask(head, body or b""))
            except ConnectionLost as exc:
                # A server that closes a connection at rest has read nothing of what meets it there. It may be that it
                # read all and died, but who gets no byte of an answer asks again, and can only do it later.
                if not exc.unanswered:
                    raise
        connection = await self._connected(address)
        return Response(connection, await connection.ask(head, body or b""))

    def close(self) -> None:
        """End all connections; a later request opens new ones."""
        self._pool.close()
        self._dialing.forget()

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
