"""Sessions that are open before anybody asks for one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

import structlog

from retinue.sandbox.base import SandboxFault, Session

log = structlog.get_logger()


class WarmSessions:
    """Opens some ahead, in the background, where there is room for them."""

    def __init__(self, open_one: Callable[[], Awaitable[Session | None]], *, most: int) -> None:
        """`open_one` gives None where no more may be alive."""
        self._open_one, self._most = open_one, most
        self._sessions: deque[Session] = deque()
        self._filling: asyncio.Task[None] | None = None
        self._wanted = False
        self._told = False

    def __len__(self) -> int:
        return len(self._sessions)

    def start(self) -> None:
        """Begin to open sessions; those that are taken are made up for from now on."""
        self._wanted = True
        self.fill()

    def fill(self) -> None:
        """Open what is missing, in the background."""
        if self._wanted and self._filling is None and len(self._sessions) < self._most:
            self._filling = asyncio.create_task(self._fill(), name="open sessions ahead")

    def take(self) -> Session | None:
        """Return one that is open, if there is one; it may have broken down meanwhile."""
        return self._sessions.popleft() if self._sessions else None

    async def stop(self) -> list[Session]:
        """Open no more; return those that nobody has taken."""
        self._wanted = False
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        left = list(self._sessions)
        self._sessions.clear()
        return left

    async def _fill(self) -> None:
        try:
            while len(self._sessions) < self._most and (session := await self._open_one()) is not None:
                self._sessions.append(session)
                self._told = False
        except SandboxFault as fault:  # it is tried again when a session is asked for, who is told why there is none
            if not self._told:
                log.warning("no session could be opened ahead", why=fault.message)
            self._told = True
        except Exception:
            log.exception("warm_sessions_failed")
        finally:
            self._filling = None
