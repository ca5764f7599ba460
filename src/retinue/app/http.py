"""The HTTP server under the API, and how it stops: no new requests, live runs to their end, within bounds."""

import asyncio
import contextlib
import signal
import socket
import types
from collections.abc import Awaitable, Callable, Iterator
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from retinue.app.protocol import HTTPProtocol

_KEEP_ALIVE_S = 75  # longer than clients keep idle connections, so that none meets a closed one
_TICK_S = 1
_GRACE_S = 2  # for answers that are on their way when the drain is over


class Drain(Protocol):
    """Lets what is under way come to its end."""

    def __call__(self, *, drain_s: float) -> Awaitable[None]:
        """Wait at most so many seconds, then break off what is left."""
        ...


class HTTPServer:
    """Serves an ASGI app on one socket until SIGTERM or SIGINT; a second signal ends it at once."""

    def __init__(self, app: ASGIApp, *, drain: Drain, drain_s: float, announce: Callable[[], None]) -> None:
        """`announce` is called once requests are served and signals are heeded."""
        config = uvicorn.Config(
            app,
            http=HTTPProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(drain_s) + _GRACE_S,
        )
        self._server = _Server(config, lambda: drain(drain_s=drain_s), announce)

    async def serve(self, listening: socket.socket) -> None:
        """Serve."""
        await self._server.serve(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, drain: Callable[[], Awaitable[None]], announce: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._drain, self._announce = drain, announce
        self._drained: asyncio.Future[None] | None = None
        self._stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals as wishes to stop. Uvicorn would raise them again, and end us before we have cleaned up."""
        self._loop = asyncio.get_running_loop()
        signals = [signal.SIGINT, signal.SIGTERM]
        before = {number: signal.signal(number, self._on_signal) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then say so: whoever reads it may stop us at once."""
        await super().startup(sockets)
        self._announce()

    async def main_loop(self) -> None:
        """Tell the time in headers until there is a wish to stop. (Uvicorn would look ten times a second for one.)"""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _TICK_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain the runs while the connections that listen to them come to their ends."""
        self._drained = asyncio.ensure_future(self._drain())
        await super().shutdown(sockets)
        if self.force_exit:
            self._drained.cancel()
        await asyncio.gather(self._drained, return_exceptions=True)

    def _on_signal(self, number: int, frame: types.FrameType | None) -> None:
        self.handle_exit(number, frame)
        self._loop.call_soon_threadsafe(self._stopping.set)
        if self._captured_signals[:-1]:
            self.force_exit = True
            if self._drained is not None:
                self._loop.call_soon_threadsafe(self._drained.cancel)
