"""The writer: one connection, on which units of work are committed in groups, in the order they came.

A commit whose answer was lost with its connection is looked up by the transaction's number: StoreUnavailable promises
that nothing was stored, and callers try again on the strength of it.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from retinue.core.errors import StoreFault
from retinue.store.base import Work
from retinue.store.postgres.faults import DRIVERS, Kind, fault, told_apart
from retinue.store.postgres.units import Transaction, run
from retinue.store.unit import Unit, closed

T = TypeVar("T")
Connection = Any  # asyncpg has no types

_GROUP = 64  # units of work a commit at most: their round trips add up, and neighbours meet a long one more often
_PAUSE_S = 0.02  # at most, before what met a neighbour is tried again
_UNCERTAIN_S = 30.0  # for a server to come back and tell what became of a commit
_LOOK_S = 0.25
_CLOSE_S = 5


class Writer:
    """Takes units of work, and commits them whether or not anyone awaits them."""

    def __init__(self, dial: Callable[[], Awaitable[Connection]]) -> None:
        self._dial = dial
        self._connection: Connection | None = None
        self._queue: deque[Unit] = deque()
        self._serving: asyncio.Task[None] | None = None
        self._closed = False

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Take a unit of work on; its turn comes after all that were taken before."""
        unit = Unit(work)
        if self._closed:
            unit.future.set_exception(closed())
            return unit.future
        self._queue.append(unit)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.get_running_loop().create_task(self._serve())
        return unit.future

    async def close(self) -> None:
        """Finish what was taken on, and let go of the connection."""
        self._closed = True
        if self._serving is not None:
            await self._serving
        if self._connection is not None:
            with contextlib.suppress(*DRIVERS):
                await self._connection.close(timeout=_CLOSE_S)

    async def _serve(self) -> None:
        while self._queue:
            units = [self._queue.popleft() for _ in range(min(_GROUP, len(self._queue)))]
            await self._commit(units)
            for unit in units:
                unit.deliver()

    async def _commit(self, units: list[Unit]) -> None:
        """Commit the units together; where one spoils that, each by itself."""
        try:
            await self._persist(units)
        except _Hopeless as hopeless:
            self._give_up(units, hopeless)
        except Exception as error:
            if len(units) == 1:
                units[0].error = fault(error)
            for unit in units if len(units) > 1 else ():
                await self._commit([unit])

    def _give_up(self, units: list[Unit], hopeless: "_Hopeless") -> None:
        for unit in units:
            unit.error = hopeless.told()
        if hopeless.for_all:  # those who wait would wait as long, one group after another, to hear the same
            for unit in self._queue:
                unit.error = hopeless.told()
                unit.deliver()
            self._queue.clear()

    async def _persist(self, units: list[Unit]) -> None:
        """Attempt it until it is stored, or no neighbour is to blame."""
        tries: dict[Kind, int] = {"conflict": 100 if len(units) == 1 else 4, "lost": 1}
        while True:
            try:
                return await self._attempt(units)
            except Exception as error:
                kind = told_apart(error)
                if not tries.get(kind, 0):
                    raise _Hopeless(error) if kind == "lost" else error from error
                tries[kind] -= 1
                if kind == "lost":
                    self._hang_up()
                else:
                    await asyncio.sleep(random.uniform(0, _PAUSE_S))

    async def _attempt(self, units: list[Unit]) -> None:
        connection = await self._connected()
        try:
            await connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
            wrote = [await _attempt(unit, connection) for unit in units]
            number = await connection.fetchval("SELECT pg_current_xact_id()::text") if any(wrote) else None
        except BaseException:
            await self._roll_back(connection)
            raise
        await self._end(connection, number)

    async def _end(self, connection: Connection, number: str | None) -> None:
        try:
            answer = await connection.execute("COMMIT")
        except Exception as error:
            if told_apart(error) == "lost" and number is not None and await self._was_committed(number):
                return
            raise
        if answer != "COMMIT":  # a unit went on after one of its statements had failed
            raise StoreFault("A unit of work went on after a failure.")

    async def _was_committed(self, number: str) -> bool:
        """Ask on another connection what became of a transaction; it may be ending only now."""
        self._hang_up()
        give_up = time.monotonic() + _UNCERTAIN_S
        while time.monotonic() < give_up:
            try:
                connection = await self._connected()
                status = await connection.fetchval("SELECT pg_xact_status($1::text::xid8)", number)
            except (*DRIVERS, _Hopeless):
                self._hang_up()
                status = None
            if status in ("committed", "aborted"):
                return bool(status == "committed")
            await asyncio.sleep(_LOOK_S)
        raise _Hopeless(StoreFault("The database went away while it stored this; look whether it is there."))

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await self._dial()
            except Exception as error:
                raise _Hopeless(error, for_all=True) from error
        return self._connection

    async def _roll_back(self, connection: Connection) -> None:
        try:
            await connection.execute("ROLLBACK")
        except DRIVERS:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


class _Hopeless(Exception):
    """No unit of the group would fare better by itself; with `for_all`, nor would any that comes after."""

    def __init__(self, cause: Exception, *, for_all: bool = False) -> None:
        self._cause = cause
        self.for_all = for_all

    def told(self) -> Exception:
        return fault(self._cause)


async def _attempt(unit: Unit, connection: Connection) -> bool:
    """Run it inside the group's transaction; return whether it wrote. A refusal before it wrote spoils nothing."""
    transaction = Transaction()
    unit.error = None
    try:
        unit.value = await run(unit.work(transaction), connection)
    except Exception as error:
        if transaction.wrote or fault(error) is not error:  # a statement that fails ends the transaction
            raise
        unit.error = error
    return transaction.wrote
