"""Sessions by what they are for: kept from call to call, ended when nobody uses them any more."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import structlog

from retinue.sandbox.base import Sandbox, SandboxFault, Session, SessionLost
from retinue.sandbox.warm import WarmSessions

log = structlog.get_logger()

IDLE_S = 1_200.0
"""How long a session is kept that nobody uses, as the hosted service has it."""
_CLOSE_S = 10.0
_ENDED = "The session was ended."
_STOPPED = "The server stops: it runs no more code."

Key = tuple[str, str]
"""A project, and the id of one of its containers."""


class Held:
    """A session in the hands of whoever uses it, the same from one use to the next."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.is_new = True
        """Whether this is its first use."""


class _Place:
    """What there is of one key."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.users = 0
        """One whose turn it is, and those who wait for theirs."""
        self.held: Held | None = None
        self.used_at = 0.0
        self.is_ended = False


class Sessions:
    """One session a key, and one user of it at a time."""

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        most: int = 100,
        idle_s: float = IDLE_S,
        warm: int = 2,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """At most `most` are alive, of which `warm` may wait for somebody. `now` must not be set back."""
        self._sandbox, self._idle_s, self._now = sandbox, idle_s, now
        self._room = asyncio.Semaphore(most)
        self._waiting = 0
        """For room."""
        self._places: dict[Key, _Place] = {}
        """Those that nobody uses stand in the order of their last use."""
        self._warm = WarmSessions(self._opened_ahead, most=warm)
        self._closing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def alive(self) -> int:
        """How many sessions there are, whether in use or not."""
        return len(self._warm) + sum(place.held is not None for place in self._places.values())

    def start(self) -> None:
        """Open some sessions ahead from now on; without it, each is opened when it is asked for."""
        self._warm.start()

    @contextlib.asynccontextmanager
    async def use(self, key: Key) -> AsyncIterator[Held]:
        """Give the session of a key, a new one where there is none, to one after the other in the order of asking.

        Raises SandboxFault where none can be opened. A use that ends with an exception ends the session: nobody knows
        what state it is in.
        """
        place = self._places.setdefault(key, _Place())
        place.users += 1
        try:
            async with place.turn:
                held = place.held or await self._opened_for(place)
                try:
                    yield held
                except BaseException:
                    self._drop(place)
                    raise
                held.is_new = False
        finally:
            place.users -= 1
            self._rest(key, place)

    async def end(self, key: Key) -> None:
        """End the session of a key, if there is one, at once: whoever uses it gets a SessionLost."""
        place = self._places.pop(key, None)
        if place is not None:
            place.is_ended = True
            if closing := self._drop(place):
                await asyncio.wait([closing])

    def end_idle(self) -> None:
        """End the sessions that nobody has used for too long; a timer asks for it when the next is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._now() - self._idle_s
        for key, place in [(key, place) for key, place in self._places.items() if not place.users]:
            if place.used_at <= due:
                self._drop(place)
                del self._places[key]
        self._watch()

    async def close(self) -> None:
        """End all sessions, and open no more; whoever uses one gets a SessionLost."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for session in await self._warm.stop():
            self._end(session)
        for place in self._places.values():
            place.is_ended = True
            self._drop(place)
        self._places.clear()
        if self._closing:
            await asyncio.wait(self._closing)

    async def _opened_for(self, place: _Place) -> Held:
        session = None if place.is_ended else await self._taken()
        if session is None or place.is_ended:
            if session is not None:
                self._end(session)
            raise SessionLost(_ENDED)
        place.held = Held(session)
        return place.held

    async def _taken(self) -> Session:
        """A session with its room: one that was opened ahead, if it is alive, or another one."""
        try:
            while (session := self._warm.take()) is not None:
                if await self._answers(session):
                    return session
            await self._make_room()
            return await self._opened()
        finally:
            self._warm.fill()

    async def _answers(self, session: Session) -> bool:
        try:
            await session.files()
        except SandboxFault:
            self._end(session)
            return False
        except BaseException:
            self._end(session)
            raise
        return True

    async def _make_room(self) -> None:
        """Wait until there may be one more; of those that nobody uses the one goes that was used longest ago."""
        if self._room.locked() and self._waiting >= len(self._closing):  # else room is about to be given back
            self._give_way()
        self._waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._waiting -= 1

    async def _opened(self) -> Session:
        """Open a session in the room that the caller has, which is given back where none comes of it."""
        try:
            if self._closed:
                raise SandboxFault(_STOPPED)
            return await self._sandbox.open()
        except BaseException:
            self._room.release()
            raise

    async def _opened_ahead(self) -> Session | None:
        if self._room.locked():
            return None
        await self._room.acquire()
        session = await self._opened()
        if self._waiting:  # those who ask now may have nothing ahead of them that gives way
            self._end(session)
            return None
        return session

    def _give_way(self) -> None:
        for key, place in self._places.items():
            if not place.users:
                self._drop(place)
                del self._places[key]
                return

    def _rest(self, key: Key, place: _Place) -> None:
        """Take note that a use is over."""
        if place.users or self._places.get(key) is not place:
            return
        del self._places[key]
        if place.held is None:
            return
        if self._waiting > len(self._closing):
            self._drop(place)
            return
        place.used_at = self._now()
        self._places[key] = place  # behind all others
        self._watch()

    def _watch(self) -> None:
        """Have a timer ring when the next session is due."""
        idle = next((place for place in self._places.values() if not place.users), None)
        if idle is not None and self._timer is None and not self._closed:
            left = idle.used_at + self._idle_s - self._now()
            self._timer = asyncio.get_running_loop().call_later(max(0.0, left), self.end_idle)

    def _drop(self, place: _Place) -> asyncio.Task[None] | None:
        held, place.held = place.held, None
        return None if held is None else self._end(held.session)

    def _end(self, session: Session) -> asyncio.Task[None]:
        """Close a session in the background, and give its room back."""
        closing = asyncio.create_task(self._close(session), name="close a session")
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        return closing

    async def _close(self, session: Session) -> None:
        try:
            async with asyncio.timeout(_CLOSE_S):
                await session.close()
        except Exception as fault:
            log.warning("session_not_closed", why=str(fault) or type(fault).__name__)
        finally:
            self._room.release()
