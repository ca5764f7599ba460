"""An answer that is a stream of server-sent events."""

from collections.abc import AsyncIterator

from starlette.types import Receive, Scope, Send

from retinue.api.leaving import WhileCallerStays

_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]


class EventStream:
    """Sends what an iterator yields, as it comes."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream. A client that goes away ends nothing but its own listening."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        with WhileCallerStays(scope):
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
