"""SQLite behind the seam: a writer that commits in groups, and reads beside it.

Measured: with every commit synced to disk, grouping makes 3,500 runs/s of 50. Reads, and the statements of writes, run
on the event loop's own thread, a few microseconds each by index: sending them to another costs ten times what it
saves, so no query may grow with its table, and a write that may must say that it is long.
"""

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import ClassVar, TypeVar

from retinue.core.errors import StoreFault
from retinue.store.base import Row, Value, Work
from retinue.store.sqlite.connection import Synchronous, Transaction, connect, run, told, translated
from retinue.store.sqlite.writer import Writer

__all__ = ["SQLite", "Synchronous"]

T = TypeVar("T")


class SQLite:
    """A database in one file; `open` makes it."""

    words: ClassVar[dict[str, str]] = {
        "identity": "INTEGER PRIMARY KEY",
        "real": "REAL",
        "bytes": "BLOB",
        "assistant_in_body": "json_extract(body, '$.assistant_id')",
    }

    def __init__(self, path: Path, *, synchronous: Synchronous) -> None:
        self._path = path
        self._reader = connect(path, synchronous)
        self._writer = Writer(path, synchronous)

    @classmethod
    def open(cls, path: Path, *, synchronous: Synchronous = "full") -> "SQLite":
        """Open the file, or make it. `normal` is faster and may lose the last commits when the power fails."""
        try:
            return cls(path, synchronous=synchronous)
        except sqlite3.Error as error:
            raise StoreFault(
                f"The database {path} can't be opened: {error}. Restore a backup, or name another folder."
            ) from error

    async def one(self, sql: str, *values: Value) -> Row | None:
        """See `Reader.one`."""
        try:
            row: Row | None = self._reader.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            raise told(error) from error
        return row

    async def all(self, sql: str, *values: Value) -> list[Row]:
        """See `Reader.all`."""
        try:
            return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise told(error) from error

    async def read(self, work: Work[T]) -> T:
        """See `Database.read`."""
        with translated():
            self._reader.execute("BEGIN")
            try:
                return run(work(Transaction(self._reader)))
            finally:
                self._reader.execute("COMMIT")

    def write(self, work: Work[T], *, long: bool = False) -> "asyncio.Future[T]":
        """See `Database.write`."""
        return self._writer.submit(work, long=long)

    def alone(self) -> contextlib.nullcontext[None]:
        """See `Database.alone`: one process serves a data folder, and its lock sees to that."""
        return contextlib.nullcontext()

    async def keep_copy(self, name: str) -> None:
        """See `Database.keep_copy`: the copy stands beside the file and bears its name and this one."""
        with translated(), contextlib.closing(sqlite3.connect(f"{self._path}.{name}")) as copy:
            self._reader.backup(copy)

    async def close(self) -> None:
        """See `Database.close`."""
        await self._writer.close()
        self._reader.close()
