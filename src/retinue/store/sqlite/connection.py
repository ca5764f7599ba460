"""A connection: how it is opened, its transactions, and what its failures are called here."""

import contextlib
import sqlite3
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from retinue.core.errors import AlreadyExists, RetinueError, StoreFault, StoreFull, StoreUnavailable
from retinue.store.base import Row, Value
from retinue.store.unit import gone_astray

T = TypeVar("T")
Synchronous = Literal["full", "normal"]

BUSY_MS = 5_000  # for another process, or a checkpoint, to let go
_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}


class Transaction:
    """See `base.Transaction`; remembers whether anything was to be changed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._execute = connection.execute
        self.wrote = False

    async def one(self, sql: str, *values: Value) -> Row | None:
        """Return the first row, or None."""
        row: Row | None = self._execute(sql, values).fetchone()
        return row

    async def all(self, sql: str, *values: Value) -> list[Row]:
        """Return all rows."""
        return self._execute(sql, values).fetchall()

    async def execute(self, sql: str, *values: Value) -> int:
        """Change rows; return how many."""
        count = self._execute(sql, values).rowcount
        if count:  # -1 where that isn't counted
            self.wrote = True
        return count


def connect(path: Path, synchronous: Synchronous) -> sqlite3.Connection:
    """Open the file, or make it."""
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=256, timeout=BUSY_MS / 1000
    )
    try:
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "wal_autocheckpoint=0",
            "cache_size=-16000",
            "mmap_size=268435456",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to its end a coroutine that never suspends."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise gone_astray(work)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise in our words what the driver raises."""
    try:
        yield
    except sqlite3.Error as error:
        raise in_our_words(error) from error


def in_our_words(error: BaseException) -> BaseException:
    """Return what callers hear: a driver's error in our words, any other as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    fault = told(error)
    fault.__cause__ = error
    return fault


def told(error: sqlite3.Error) -> RetinueError:
    """Return in our words what the driver raised."""
    if isinstance(error, sqlite3.IntegrityError):
        return AlreadyExists(str(error))
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte tells the kind
    if code == sqlite3.SQLITE_FULL:
        return StoreFull("The disk that holds the data folder is full. Make room; nothing of this request was stored.")
    if code in _PASSING:
        return StoreUnavailable(f"The database can't do it now: {error}. Nothing of this request was stored.")
    return StoreFault(f"The database could not do it: {error}.")
