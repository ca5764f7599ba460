"""Puts a runner together: a sandbox of this machine, and the door through which a server on another one uses it."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence

from msgspec import Struct

from retinue.app.address import find_address, listening_socket
from retinue.app.http import HTTPServer
from retinue.core.errors import NotStarted
from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from retinue.sandbox.remote.door import Door, about
from retinue.sandbox.remote.protocol import check_key
from retinue.sandbox.remote.tenants import Bounds, Tenants

LIBRARIES = ("numpy", "pandas", "matplotlib.pyplot")
_DRAIN_S = 5.0  # for calls that are under way when the runner is asked to stop
_BACK_END = "namespaces"


class Served(Struct, frozen=True, kw_only=True):
    """What a runner that is about to serve can say of itself."""

    url: str
    """Where this machine finds it."""
    loopback: bool
    """Whether only this machine can reach it."""
    back_end: str
    missing: Sequence[str]
    most_sessions: int


async def serve_runner(
    host: str, port: int, *, key: str | None, limits: Limits, bounds: Bounds, announce: Callable[[Served], None]
) -> None:
    """Serve until a signal to stop; raises NotStarted, and SandboxFault where nothing on this machine walls code in."""
    key, address = check_key(key), find_address(host, port)
    async with contextlib.AsyncExitStack() as stack:
        listening = stack.enter_context(listening_socket(address))
        sandbox = _Anew(limits)
        stack.push_async_callback(sandbox.close)
        missing = list(await sandbox.start())
        tenants = Tenants(sandbox, bounds)
        stack.push_async_callback(tenants.drain, 0)
        keeping = asyncio.create_task(tenants.keep(), name="idle sessions")
        stack.callback(keeping.cancel)
        served = Served(
            url=address.url(listening.getsockname()[1]),
            loopback=address.loopback,
            back_end=_BACK_END,
            missing=missing,
            most_sessions=bounds.sessions,
        )
        door = Door(tenants, about(limits, bounds, back_end=_BACK_END, missing=missing), key=key)
        server = HTTPServer(door.app, drain=tenants.drain, drain_s=_DRAIN_S, announce=lambda: announce(served))
        await server.serve(listening)


class _Anew:
    """A fork server, and another one where it has died: see `Sandbox`."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._server: ForkServer | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> Sequence[str]:
        """Start, and return what libraries are missing; raises NotStarted."""
        try:
            return (await self._alive()).missing
        except SandboxFault as fault:
            raise NotStarted(f"No code can be run here, for nothing would wall it in. {fault.message}") from fault

    async def open(self) -> Session:
        """See `Sandbox.open`."""
        return await (await self._alive()).open()

    async def close(self) -> None:
        """See `Sandbox.close`."""
        if self._server is not None:
            await self._server.close()

    async def _alive(self) -> ForkServer:
        async with self._starting:
            if self._server is not None and not _lives(self._server.pid):
                await self._server.close()
                self._server = None
            if self._server is None:
                self._server = await ForkServer.start(self._limits, libraries=LIBRARIES, readable=readable())
            return self._server


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
