"""The writer: one thread, on which units of work are committed in groups, in the order they came."""

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from pathlib import Path
from typing import TypeVar

import structlog

from retinue.core.errors import StoreFault
from retinue.store.base import Work
from retinue.store.sqlite.checkpoints import Checkpoints
from retinue.store.sqlite.connection import Synchronous, Transaction, connect, run, translated
from retinue.store.unit import Unit, closed

T = TypeVar("T")

_GROUP = 512  # units of work a commit at most
_LOOK_S = 1.0  # between looks whether the file that is written is the one that the folder has

log = structlog.get_logger()


class Writer:
    """Takes units of work, and commits them whether or not anyone awaits them."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._connection = connect(path, synchronous)
        self._wal = path.with_name(path.name + "-wal")
        self._path, self._inode = path, path.stat().st_ino
        self._next_look = 0.0
        self._checkpoints = Checkpoints(path, synchronous)
        self._queue: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "asyncio.Future[T]":
        """Take a unit of work on; its turn comes after all that were taken before."""
        unit = Unit(work)
        if self._stopped:
            unit.future.set_exception(closed())
        else:
            self._queue.put(unit)
        return unit.future

    def stop(self) -> None:
        """Finish what was taken on, and let go of the connection."""
        self._stopped = True
        self._queue.put(None)
        self._thread.join()
        self._checkpoints.stop()
        self._connection.close()

    def _serve(self) -> None:
        while (units := self._next_group()) is not None:
            self._commit(units)
            with contextlib.suppress(RuntimeError):  # the loop is gone: nobody is waiting any more
                units[0].future.get_loop().call_soon_threadsafe(_deliver, units)
            self._checkpoints.consider(self._wal, len(units))

    def _next_group(self) -> list[Unit] | None:
        units: list[Unit] = []
        with contextlib.suppress(queue.Empty):
            unit = self._queue.get()
            while unit is not None:
                units.append(unit)
                if len(units) == _GROUP:
                    return units
                unit = self._queue.get_nowait()
            if units:
                self._queue.put(None)  # the order to stop, kept for the next round
        return units or None

    def _commit(self, units: list[Unit]) -> None:
        try:
            self._look()
            self._commit_together(units)
        except _Spoiled as spoiled:
            if len(units) == 1:
                units[0].error = spoiled.cause
            else:
                for unit in units:
                    self._commit([unit])

    def _look(self) -> None:
        """Refuse to write into a file that was deleted or replaced: what is written there, nobody will find."""
        if time.monotonic() < self._next_look:
            return
        try:
            there = self._path.stat().st_ino == self._inode
        except OSError:
            there = False
        if not there:
            fault = StoreFault(
                f"The database {self._path} was deleted or replaced while it was served. Restart the server."
            )
            log.error("database_gone", path=str(self._path))
            raise _Spoiled(fault)
        self._next_look = time.monotonic() + _LOOK_S

    def _commit_together(self, units: list[Unit]) -> None:
        try:
            with translated():
                self._connection.execute("BEGIN IMMEDIATE")
            for unit in units:
                self._attempt(unit)
            with translated():
                self._connection.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            raise _Spoiled(error) from error

    def _attempt(self, unit: Unit) -> None:
        """Run one unit inside the group's transaction. One that refused before it wrote spoils nothing."""
        transaction = Transaction(self._connection)
        unit.error = None
        try:
            with translated():
                unit.value = run(unit.work(transaction))
        except Exception as error:
            if transaction.wrote:
                raise
            unit.error = error


class _Spoiled(Exception):
    """The group's transaction can't be committed; it was rolled back."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


def _deliver(units: list[Unit]) -> None:
    for unit in units:
        unit.deliver()
