"""The sessions that a door keeps for its clients."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from msgspec import Struct

from retinue.sandbox.base import Sandbox, SandboxFault, Session, SessionLost

_LOOK_S = 60.0
_GONE = "The runner has no such session: it was ended, or the runner was started anew."
_FULL = "The runner has as many sessions as it may have, {}."
_BUSY = "The session is at work: one call at a time."
_LEAVING = "The runner is about to end and takes no more calls."


class Full(SandboxFault):
    """No more sessions: another runner may have room."""


class Busy(SandboxFault):
    """The session has a call that has not ended."""


class Tenant:
    """A session, and whether it is used."""

    def __init__(self, id_: str, session: Session, now: float) -> None:
        self.id, self.session = id_, session
        self.used_at = now
        self.is_used = False
        self.run: asyncio.Task[Any] | None = None
        """What is to be cancelled so that its call ends at once."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What a door bears."""

    sessions: int = 100
    idle_s: float = 1_800.0
    """After so long without a call a session is ended: its client is gone, or has no use for it."""


class Tenants:
    """See the module. Whoever may use a session knows its name, and nobody uses it beside another."""

    def __init__(self, sandbox: Sandbox, bounds: Bounds, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._sandbox, self._bounds, self._clock = sandbox, bounds, clock
        self._tenants: dict[str, Tenant] = {}
        self._opening = 0
        self._leaving = False
        self._rested = asyncio.Event()

    def __len__(self) -> int:
        return len(self._tenants)

    async def open(self) -> str:
        """Open a session and return its name; raises Full, and SandboxFault."""
        if self._leaving:
            raise Full(_LEAVING)
        if len(self._tenants) + self._opening >= self._bounds.sessions:
            raise Full(_FULL.format(self._bounds.sessions))
        self._opening += 1
        try:
            session = await self._sandbox.open()
        finally:
            self._opening -= 1
        if self._leaving:
            await session.close()
            raise Full(_LEAVING)
        tenant = Tenant(secrets.token_urlsafe(24), session, self._clock())
        self._tenants[tenant.id] = tenant
        return tenant.id

    def take(self, id_: str) -> Tenant:
        """Return the session for one call, which is to `leave` it; raises SessionLost and Busy."""
        if self._leaving:
            raise SessionLost(_LEAVING)
        tenant = self._tenants.get(id_)
        if tenant is None:
            raise SessionLost(_GONE)
        if tenant.is_used:
            raise Busy(_BUSY)
        tenant.is_used = True
        return tenant

    async def leave(self, tenant: Tenant, *, lost: bool = False) -> None:
        """Let others use it; what is lost is ended."""
        tenant.is_used, tenant.run, tenant.used_at = False, None, self._clock()
        self._rested.set()
        if lost:
            await self.end(tenant.id)

    @contextlib.asynccontextmanager
    async def used(self, id_: str) -> AsyncIterator[Session]:
        """Give the session for one call; raises as `take` does. One that is lost is ended."""
        tenant, lost = self.take(id_), True
        try:
            yield tenant.session
            lost = False
        except SandboxFault as fault:
            lost = isinstance(fault, SessionLost)
            raise
        finally:
            await self.leave(tenant, lost=lost)

    async def end(self, id_: str) -> None:
        """End a session, amid its run if need be; one that is not there is no fault."""
        tenant = self._tenants.pop(id_, None)
        if tenant is None:
            return
        if tenant.run is not None:
            tenant.run.cancel()
            await asyncio.wait({tenant.run})
        await tenant.session.close()

    async def end_idle(self) -> None:
        """End the sessions that nobody has used for long."""
        latest = self._clock() - self._bounds.idle_s
        for tenant in tuple(self._tenants.values()):
            if not tenant.is_used and tenant.used_at < latest:
                await self.end(tenant.id)

    async def keep(self) -> None:
        """End idle sessions from time to time, for ever."""
        while True:
            await asyncio.sleep(min(_LOOK_S, self._bounds.idle_s))
            await self.end_idle()

    async def drain(self, drain_s: float) -> None:
        """Take no more calls, let those at work end for so long, and end every session."""
        self._leaving = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(drain_s):
                while any(tenant.is_used for tenant in self._tenants.values()):
                    self._rested.clear()
                    await self._rested.wait()
        await asyncio.gather(*(self.end(id_) for id_ in tuple(self._tenants)))
