"""Requests over HTTP/1.1 to any number of places, over connections that are kept for the next."""

import asyncio
from collections.abc import Mapping

from retinue.models.http.client.address import Address
from retinue.models.http.client.connection import Connection
from retinue.models.http.client.dialing import Dialing
from retinue.models.http.client.errors import AnswerTimeout, ConnectTimeout
from retinue.models.http.client.pool import Pool
from retinue.models.http.client.request import Request, request_of
from retinue.models.http.client.response import Response


class Client:
    """Asks. Its connections belong to the event loop of the first request."""

    def __init__(self, *, connect_seconds: float, proxy: Address | None = None) -> None:
        """`connect_seconds` bounds how long a connection may take to come about; all go through `proxy`, if one is."""
        self._connect_seconds, self._proxy = connect_seconds, proxy
        self._dialing = Dialing(proxy)
        self._pool = Pool()

    def request(self, method: str, url: str, headers: Mapping[str, str] | None = None) -> Request:
        """Return a request to be sent; raises InvalidAddress, ValueError for headers that can't be sent."""
        return request_of(method, url, headers, proxy=self._proxy)

    async def send(self, request: Request, body: bytes | None = None, *, seconds: float) -> Response:
        """Send a request and return its answer, whatever its status, once it has a head.

        Raises HTTPError if there is none within so many seconds. Nothing is sent twice: a request that met a connection
        which the server was just closing may have been read, and paid for; whether to ask again is the caller's to
        decide. Who gives up waiting ends the connection. The answer is to be read to its end or closed.
        """
        end = asyncio.get_running_loop().time() + seconds
        head, place = request.head_before(body), request.address
        connection = self._pool.resting(place.origin) or await self._connected(place, _left(end))
        return Response(connection, await connection.ask(head, body or b"", seconds=_left(end)))

    async def close(self) -> None:
        """End all connections; a later request opens new ones."""
        self._pool.close()
        self._dialing.forget()
        await asyncio.sleep(0)  # the loop closes a socket in its next turn

    async def _connected(self, address: Address, seconds: float) -> Connection:
        connection = self._pool.connection(address.origin)
        bound = asyncio.timeout(min(seconds, self._connect_seconds))
        try:
            async with bound:
                await self._dialing.connect(address, connection)
        except TimeoutError as exc:
            connection.close()
            if not bound.expired():
                raise
            raise (ConnectTimeout if self._connect_seconds <= seconds else AnswerTimeout) from exc
        except BaseException:
            connection.close()
            raise
        finally:
            del bound  # it holds the task, whose error may hold this frame
        return connection


def _left(end: float) -> float:
    return end - asyncio.get_running_loop().time()
