"""A door to an ASGI app in this process: the same API as a server's, without a socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Scope

from retinue.api.leaving import LEAVING
from retinue.cli.client.door import Answer, Gone, Request

_HOST = (b"host", b"127.0.0.1")


class InProcess:
    """See `Door`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._served: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def send(self, request: Request) -> AsyncIterator[Answer]:
        """See `Door.send`. As at a server, whoever leaves stops listening and nothing else."""
        exchange = _Exchange(request.body)
        task = asyncio.create_task(exchange.serve(self._app, _scope(request, exchange)), name=f"serve {request.path}")
        self._served.add(task)
        task.add_done_callback(self._served.discard)
        try:
            yield Answer(status=await exchange.status(), pieces=exchange.pieces())
        finally:
            exchange.leave()

    async def close(self) -> None:
        """See `Door.close`."""
        tasks = list(self._served)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Exchange:
    """One request on its way through the app."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._sent: asyncio.Queue[Message | None] = asyncio.Queue()
        self._left = asyncio.Event()
        self._on_leaving: Callable[[], None] | None = None
        self._broken: Exception | None = None

    async def serve(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._send)
        except Exception as error:
            self._broken = error
        finally:
            self._sent.put_nowait(None)

    async def status(self) -> int:
        message = await self._sent.get()
        if message is None:
            raise self._gone("gave no answer")
        return int(message["status"])

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._sent.get()
            if message is None:
                raise self._gone("broke off its answer")
            yield message.get("body", b"")
            if not message.get("more_body"):
                return

    def _gone(self, what: str) -> Gone:
        why = f" ({type(self._broken).__name__}: {self._broken})" if self._broken else ""
        return Gone(f"The engine {what}{why}. That is a fault of Retinue's: please report it.")

    def watch(self, on_leaving: Callable[[], None] | None) -> None:
        """See `LEAVING`."""
        self._on_leaving = on_leaving
        if on_leaving is not None and self._left.is_set():
            on_leaving()

    def leave(self) -> None:
        self._left.set()
        if self._on_leaving is not None:
            self._on_leaving()

    async def _receive(self) -> Message:
        if self._body is None:
            await self._left.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body}

    async def _send(self, message: Message) -> None:
        if self._left.is_set():
            raise ClientDisconnect
        self._sent.put_nowait(message)


def _scope(request: Request, exchange: _Exchange) -> dict[str, Any]:
    path, _, query = request.path.partition("?")
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": request.method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [_HOST, *headers, (b"content-length", str(len(request.body)).encode())],
        "extensions": {LEAVING: {"watch": exchange.watch}},
        "client": None,
        "server": None,
    }
