"""Puts a runner together: a sandbox of this machine, and the door through which a server on another one uses it."""

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from retinue.app.address import find_address, listening_socket
from retinue.app.http import HTTPServer
from retinue.app.sandbox import ChosenSandbox, limits_of
from retinue.core.errors import NotStarted
from retinue.sandbox.remote.door import Door, about
from retinue.sandbox.remote.protocol import check_key
from retinue.sandbox.remote.tenants import Bounds, Tenants
from retinue.settings import Settings

_DRAIN_S = 5.0  # for calls that are under way when the runner is asked to stop


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
    settings: Settings, host: str, port: int, *, bounds: Bounds, announce: Callable[[Served], None]
) -> None:
    """Serve until a signal to stop; raises NotStarted where nothing on this machine walls code in."""
    key, address, limits = check_key(settings.runner_key), find_address(host, port), limits_of(settings)
    async with contextlib.AsyncExitStack() as stack:
        listening = stack.enter_context(listening_socket(address))
        sandbox = ChosenSandbox(structs.replace(settings, runners=()))  # a runner has none of its own
        stack.push_async_callback(sandbox.close)
        back_end, missing = await _found(sandbox)
        tenants = Tenants(sandbox, bounds)
        stack.push_async_callback(tenants.drain, 0)
        keeping = asyncio.create_task(tenants.keep(), name="idle sessions")
        stack.callback(keeping.cancel)
        served = Served(
            url=address.url(listening.getsockname()[1]),
            loopback=address.loopback,
            back_end=back_end,
            missing=missing,
            most_sessions=bounds.sessions,
        )
        door = Door(tenants, about(limits, bounds, back_end=back_end, missing=missing), key=key)
        server = HTTPServer(door.app, drain=tenants.drain, drain_s=_DRAIN_S, announce=lambda: announce(served))
        await server.serve(listening)


async def _found(sandbox: ChosenSandbox) -> tuple[str, list[str]]:
    """Return what walls code in here, and which libraries are missing; raises NotStarted."""
    found = await sandbox.found()
    if found.back_end is None:
        raise NotStarted(f"No code can be run here, for nothing would wall it in. {found.why_not}")
    return found.back_end, list(found.missing)
