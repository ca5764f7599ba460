"""A door to the server that has the data folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from retinue.cli.chat.door import Answer, Gone, Request, Unreachable

_CONNECT_S = 5.0
_FAILURES = (aiohttp.ClientError, OSError, asyncio.TimeoutError)


class OverHTTP:
    """See `Door`. No proxy is asked: the server is on this machine."""

    def __init__(self, url: str) -> None:
        self._url = url
        bounds = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S)  # how long an answer may take, callers know
        self._session = aiohttp.ClientSession(timeout=bounds, auto_decompress=False)

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        """See `Door.send`."""
        asking = self._session.request(
            request.method, self._url + request.path, headers=request.headers, data=request.body or None
        )
        try:
            response = await asking
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(f"The server at {self._url} has gone.") from error
        except _FAILURES as error:
            raise Gone(f"The server at {self._url} broke off before it answered.") from error
        try:
            yield Answer(status=response.status, pieces=_pieces(response, self._url))
        finally:
            response.close()

    async def close(self) -> None:
        """See `Door.close`."""
        await self._session.close()


async def _pieces(response: aiohttp.ClientResponse, url: str) -> AsyncIterator[bytes]:
    try:
        async for piece in response.content.iter_any():
            yield piece
    except _FAILURES as error:
        raise Gone(f"The server at {url} broke off its answer.") from error
