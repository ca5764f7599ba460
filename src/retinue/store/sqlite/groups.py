"""Units of work that are committed together, on the one connection that writes."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from retinue.core.errors import StoreFault
from retinue.store.sqlite.connection import BUSY_MS, Synchronous, Transaction, connect, in_our_words, run, translated
from retinue.store.unit import Unit

_LOOK_S = 1.0  # between looks whether the file that is written is the one that the folder has

log = structlog.get_logger()


class Spoiled(Exception):
    """The group's transaction can't be committed; it was rolled back."""

    def __init__(self, cause: BaseException) -> None:
        self.cause = cause


class Groups:
    """Runs groups of units, each in one transaction. Whoever calls is alone: the event loop, or a thread for it."""

    def __init__(self, path: Path, synchronous: Synchronous) -> None:
        self._connection = connect(path, synchronous)
        self._wait_up_to(0)
        self._path, self._inode = path, path.stat().st_ino
        self._next_look = 0.0

    def begin_at_once(self) -> bool:
        """Begin a group; return False where that takes waiting for somebody, or goes wrong."""
        try:
            self._begin()
        except Spoiled:
            return False
        return True

    def attempt(self, unit: Unit) -> bool:
        """Run one unit within the group; return whether it wrote. One that refused before it wrote spoils nothing."""
        transaction = Transaction(self._connection)
        unit.error = None
        try:
            unit.value = run(unit.work(transaction))
        except BaseException as error:
            told = in_our_words(error)
            # a fault of the disk may have rolled all back
            if transaction.wrote or not isinstance(error, Exception) or not self._connection.in_transaction:
                raise self._spoiled(told) from error
            unit.error = told
        return transaction.wrote

    def commit(self) -> None:
        """Commit the group."""
        try:
            with translated():
                self._connection.execute("COMMIT")
        except BaseException as error:
            raise self._spoiled(error) from error

    def commit_or_run_again(self, units: Sequence[Unit]) -> None:
        """Commit the group of these units; where it is spoiled, run each by itself."""
        try:
            self.commit()
        except Spoiled as spoiled:
            self.run_again(units, spoiled)

    def run_whole(self, units: Sequence[Unit]) -> None:
        """Run a group from its beginning to its end, and wait for whatever there is to wait for."""
        try:
            self._begin(wait=True)
        except Spoiled as spoiled:
            _fail(units, spoiled)  # no unit is to blame, so none has a better chance alone
            return
        try:
            for unit in units:
                self.attempt(unit)
            self.commit()
        except Spoiled as spoiled:
            self.run_again(units, spoiled)

    def run_again(self, units: Sequence[Unit], spoiled: Spoiled) -> None:
        """Run each of the units by itself; one that was alone already has failed for good."""
        if len(units) == 1:
            _fail(units, spoiled)
        else:
            for unit in units:
                self.run_whole([unit])

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _begin(self, *, wait: bool = False) -> None:
        try:
            self._look()
            with translated(), self._waiting() if wait else contextlib.nullcontext():
                self._connection.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            raise self._spoiled(error) from error

    @contextlib.contextmanager
    def _waiting(self) -> Iterator[None]:
        self._wait_up_to(BUSY_MS)
        try:
            yield
        finally:
            self._wait_up_to(0)

    def _wait_up_to(self, ms: int) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {ms}")

    def _look(self) -> None:
        """Refuse to write into a file that was deleted or replaced: what is written there, nobody will find."""
        if time.monotonic() < self._next_look:
            return
        try:
            there = self._path.stat().st_ino == self._inode
        except OSError:
            there = False
        if not there:
            log.error("database_gone", path=str(self._path))
            raise StoreFault(
                f"The database {self._path} was deleted or replaced while it was served. Restart the server."
            )
        self._next_look = time.monotonic() + _LOOK_S

    def _spoiled(self, error: BaseException) -> Spoiled:
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        return Spoiled(error)


def _fail(units: Sequence[Unit], spoiled: Spoiled) -> None:
    for unit in units:
        unit.error = spoiled.cause
