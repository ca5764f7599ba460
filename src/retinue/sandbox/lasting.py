"""A sandbox that is started when it is first asked for, and again where it has broken down."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from retinue.sandbox.base import Sandbox, SandboxFault, Session

log = structlog.get_logger()

PAUSE_S = 1.0
"""From one start to the next: what breaks down again and again must not keep the machine busy."""
_STOPPED = "The server stops: it opens no more sessions."


class Mortal(Sandbox, Protocol):
    """A sandbox that may break down."""

    @property
    def alive(self) -> bool:
        """Whether it can open sessions. What has broken down never does again."""
        ...


class LastingSandbox:
    """See `Sandbox`. Sessions don't outlive what they were opened in: another one opens new ones."""

    def __init__(
        self,
        start: Callable[[], Awaitable[Mortal]],
        *,
        pause_s: float = PAUSE_S,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`start` gives one that is ready, or raises SandboxFault."""
        self._start, self._pause_s, self._now, self._pause = start, pause_s, now, pause
        self._sandbox: Mortal | None = None
        self._starting: asyncio.Task[Mortal] | None = None
        self._next_start: float | None = None
        self._closed = False

    async def open(self) -> Session:
        """See `Sandbox.open`: it may have to start first."""
        sandbox = await self._running()
        try:
            return await sandbox.open()
        except SandboxFault:
            if sandbox.alive:
                raise
        return await (await self._running()).open()

    async def close(self) -> None:
        """See `Sandbox.close`."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        if self._sandbox is not None:
            await self._sandbox.close()

    async def _running(self) -> Mortal:
        if self._closed:
            raise SandboxFault(_STOPPED)
        if self._sandbox is not None and self._sandbox.alive:
            return self._sandbox
        if self._starting is None:
            self._starting = asyncio.create_task(self._started(), name="start the sandbox")
            self._starting.add_done_callback(self._has_started)
        try:
            return await asyncio.shield(self._starting)  # others may wait for it too
        except asyncio.CancelledError as fault:
            if self._closed:
                raise SandboxFault(_STOPPED) from fault
            raise

    async def _started(self) -> Mortal:
        broken, self._sandbox = self._sandbox, None
        if broken is not None:
            log.warning("the sandbox broke down, and all sessions with it: it is started again")
            with contextlib.suppress(OSError):
                await broken.close()
        if self._next_start is not None and (left := self._next_start - self._now()) > 0:
            await self._pause(left)
        self._next_start = self._now() + self._pause_s
        self._sandbox = await self._start()
        return self._sandbox

    def _has_started(self, starting: "asyncio.Task[Mortal]") -> None:
        self._starting = None
        if not starting.cancelled():
            starting.exception()  # those who wait are told; there may be none any more
