"""A sandbox whose sessions run nothing: they break down, and open, when a test says so."""

import asyncio
from collections.abc import AsyncIterator

from retinue.sandbox.base import Ended, Kept, Output, Printed, SandboxFault, Session, SessionLost


class FakeSession:
    """See `Session`: prints the code that it is to run."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.is_closed = self.is_lost = False

    async def run(self, code: str) -> AsyncIterator[Output]:
        self._look()
        yield Printed(code)
        yield Ended()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        self._look()

    async def read(self, path: str) -> bytes:
        self._look()
        return b""

    async def remove(self, path: str) -> None:
        self._look()

    async def files(self) -> list[Kept]:
        self._look()
        return []

    async def close(self) -> None:
        self.is_closed = True

    def _look(self) -> None:
        if self.is_closed or self.is_lost:
            raise SessionLost("lost")


class FakeSandbox:
    """See `Sandbox`."""

    def __init__(self) -> None:
        self.sessions: list[FakeSession] = []
        self.fault: SandboxFault | None = None
        self.tried = 0
        self.alive = True
        self.may_open = asyncio.Event()
        self.may_open.set()

    async def open(self) -> Session:
        self.tried += 1
        await self.may_open.wait()
        if self.fault:
            raise self.fault
        self.sessions.append(FakeSession(len(self.sessions) + 1))
        return self.sessions[-1]

    async def close(self) -> None:
        self.alive = False

    def break_down(self) -> None:
        self.alive, self.fault = False, SandboxFault("broken")
        for session in self.sessions:
            session.is_lost = True

    @property
    def open_ones(self) -> list[int]:
        return [session.number for session in self.sessions if not session.is_closed]
