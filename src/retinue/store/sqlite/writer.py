"""The writer: units of work are committed in groups, in the order they came.

A group's statements run on the event loop's own thread, some microseconds each: to hand them to another thread costs
more, for the two then take the interpreter from each other at every statement. What waits, for the disk or for another
process, and what takes long, is done on a thread of its own; meanwhile the next group gathers.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from retinue.store.base import Work
from retinue.store.sqlite.checkpoints import Checkpoints
from retinue.store.sqlite.connection import Synchronous
from retinue.store.sqlite.groups import Groups, Spoiled
from retinue.store.unit import Unit, closed

T = TypeVar("T")

_GROUP = 512  # units of work a commit at most
_HOLD_S = 0.002  # for which a group holds the event loop at most, but for the unit that is under way then

Finish = Callable[[Sequence[Unit]], None]


class Writer:
    """Takes units of work, and commits them whether or not anyone awaits them."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._groups = Groups(path, synchronous)
        self._checkpoints = Checkpoints(path, synchronous)
        self._synced = synchronous == "full"
        self._queue: deque[Unit] = deque()
        self._turn_is_due = False
        self._thread_is_busy = False
        self._closed = False
        self._handed: queue.SimpleQueue[tuple[Finish, Sequence[Unit]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T], *, long: bool = False) -> "asyncio.Future[T]":
        """Take a unit of work on; its turn comes after all that were taken before."""
        unit = Unit(work, long=long)
        if self._closed:
            unit.future.set_exception(closed())
            return unit.future
        self._queue.append(unit)
        if not self._turn_is_due and not self._thread_is_busy:
            self._take_turn_soon()
        return unit.future

    async def close(self) -> None:
        """Finish what was taken on, and let go of the connection."""
        self._closed = True
        if self._queue:
            self._hand_over(self._groups.run_whole, [*self._queue])
            self._queue.clear()
        self._handed.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpoints.stop)
        self._groups.close()

    def _take_turn_soon(self) -> None:
        """Begin a group in the loop's next round: whoever writes in this one is part of it."""
        self._turn_is_due = True
        self._queue[0].future.get_loop().call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._turn_is_due = False
        if not self._queue:
            return  # closed meanwhile
        if self._queue[0].long:
            self._hand_over(self._groups.run_whole, [self._queue.popleft()])
        elif self._groups.begin_at_once():
            self._run_group()
        else:
            self._hand_over(self._groups.run_whole, self._next_units())

    def _run_group(self) -> None:
        units: list[Unit] = []
        try:
            wrote = self._attempt(units)
            if wrote and (self._synced or self._checkpoints.restarts_log()):
                self._hand_over(self._groups.commit_or_run_again, units)
                return
            self._groups.commit()
        except Spoiled as spoiled:
            cause = spoiled
            self._hand_over(lambda units: self._groups.run_again(units, cause), units)
            if isinstance(cause.cause, KeyboardInterrupt | SystemExit):
                raise cause.cause from None
        else:
            self._deliver(units)

    def _attempt(self, units: list[Unit]) -> bool:
        """Run units, and add them to these, for as long as the loop may be held; return whether any wrote."""
        until = time.perf_counter() + _HOLD_S
        wrote = False
        while self._queue and not self._queue[0].long and len(units) < _GROUP:
            units.append(self._queue.popleft())
            wrote |= self._groups.attempt(units[-1])
            if time.perf_counter() > until:
                break
        return wrote

    def _next_units(self) -> list[Unit]:
        units: list[Unit] = []
        while self._queue and not self._queue[0].long and len(units) < _GROUP:
            units.append(self._queue.popleft())
        return units

    def _hand_over(self, finish: Finish, units: Sequence[Unit]) -> None:
        """Have the thread finish with these units; until then, nothing else touches the connection."""
        self._thread_is_busy = True
        self._handed.put((finish, units))

    def _serve(self) -> None:
        while (handed := self._handed.get()) is not None:
            finish, units = handed
            finish(units)
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody is waiting any more
                units[0].future.get_loop().call_soon_threadsafe(self._take_back, units)

    def _take_back(self, units: Sequence[Unit]) -> None:
        self._thread_is_busy = False
        self._deliver(units)

    def _deliver(self, units: Sequence[Unit]) -> None:
        for unit in units:
            unit.deliver()
        self._checkpoints.consider(len(units))
        if self._queue and not self._turn_is_due:
            self._take_turn_soon()
