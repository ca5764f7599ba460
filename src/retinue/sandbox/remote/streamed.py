"""The answer to a run: frames, each sent when there is something to say."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from retinue.sandbox.base import Ended, Output, SandboxFault, SessionLost
from retinue.sandbox.remote.frames import BEAT, fault_frame, frame
from retinue.sandbox.remote.tenants import Tenant, Tenants

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/octet-stream"), (b"cache-control", b"no-store")],
}
_LAST_WORD_S = 1.0
_ENDED = "The session was ended amid its call."


class Streamed(Response):
    """Runs code while its output is sent. Who goes away, or does not take what there is in time, ends the session."""

    def __init__(self, tenants: Tenants, tenant: Tenant, code: str, *, beat_s: float, longest_s: float) -> None:
        super().__init__()
        self._tenants, self._tenant, self._code = tenants, tenant, code
        self._beat_s, self._longest_s = beat_s, longest_s
        self._last = b""
        self._is_over = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        self._tenant.run = sending = asyncio.ensure_future(self._sent(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, timeout=self._longest_s, return_when=asyncio.FIRST_COMPLETED)
            if sending.cancelled():
                await _say(send, fault_frame(SessionLost(_ENDED)))
            elif sending.done():
                sending.result()
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)
            await self._over(lost=True)

    async def _sent(self, send: Send) -> None:
        """Send all there is. Who hears of the end may call again at once, and finds the session free."""
        await send(_START)
        try:
            async with contextlib.aclosing(self._pieces()) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        except SandboxFault as fault:
            self._last = fault_frame(fault)
            await self._over(lost=True)
        else:
            await self._over(lost=False)
        await send({"type": "http.response.body", "body": self._last})

    async def _over(self, *, lost: bool) -> None:
        if not self._is_over:
            self._is_over = True
            await self._tenants.leave(self._tenant, lost=lost)

    async def _pieces(self) -> AsyncGenerator[bytes]:
        """Yield a frame for each output but the last, and beats where none comes."""
        running = self._tenant.session.run(self._code)
        coming = asyncio.ensure_future(_next(running))
        try:
            while True:
                await asyncio.wait({coming}, timeout=self._beat_s)
                if not coming.done():
                    yield BEAT
                elif (output := coming.result()) is None:
                    return
                else:
                    if isinstance(output, Ended):
                        self._last = frame(output)
                    else:
                        yield frame(output)
                    coming = asyncio.ensure_future(_next(running))
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            if close := getattr(running, "aclose", None):  # now, and not when the garbage is collected
                await close()


async def _next(running: AsyncIterator[Output]) -> Output | None:
    return await anext(running, None)


async def _say(send: Send, last: bytes) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORD_S):
            await send({"type": "http.response.body", "body": last})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
