"""A door to the server that has the data folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from retinue.cli.client.door import Answer, Gone, Request, Unreachable
from retinue.models.http.client import Client, HTTPError, NotConnected, Response

_CONNECT_S = 5.0
_FIRST_BYTE_S = 60.0  # listing models asks all providers


class OverHTTP:
    """See `Door`. No proxy is asked: the server is on this machine."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = Client(connect_seconds=_CONNECT_S)

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        """See `Door.send`. How long an answer may take, callers know."""
        url, headers, body = self._url + request.path, request.headers, request.body or None
        try:
            response = await self._client.send(
                self._client.request(request.method, url, headers), body, seconds=_FIRST_BYTE_S
            )
        except NotConnected as error:
            raise Unreachable(f"The server at {self._url} has gone.") from error
        except HTTPError as error:
            raise Gone(f"The server at {self._url} broke off before it answered.") from error
        try:
            yield Answer(status=response.status, pieces=_pieces(response, self._url))
        finally:
            response.close()

    async def close(self) -> None:
        """See `Door.close`."""
        await self._client.close()


async def _pieces(response: Response, url: str) -> AsyncIterator[bytes]:
    try:
        while piece := await response.read():
            yield piece
    except HTTPError as error:
        raise Gone(f"The server at {url} broke off its answer.") from error
