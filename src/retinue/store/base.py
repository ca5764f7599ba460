"""The seam to a database: transactions over SQL that every dialect here understands.

A unit of work is an async function of a Transaction. SQLite runs it to its end on one thread, PostgreSQL awaits the
network: the SQL, and the code around it, is written once. Placeholders are `?`. A unit may be run again when
it fails for a neighbour's sake, so it must do nothing but talk to its transaction. It reads and refuses first, and
writes last: a refusal after a write costs the whole group of units a second try.
"""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Value = str | int | float | bytes | None
Row = tuple[Any, ...]


class Reader(Protocol):
    """Answers single statements: a transaction all of them on one snapshot, a database each on its own."""

    async def one(self, sql: str, *values: Value) -> Row | None:
        """Return the first row, or None."""
        ...

    async def all(self, sql: str, *values: Value) -> list[Row]:
        """Return all rows."""
        ...


class Transaction(Reader, Protocol):
    """One transaction in progress."""

    async def execute(self, sql: str, *values: Value) -> int:
        """Change rows; return how many. Raises AlreadyExists where a key is taken."""
        ...


Work = Callable[[Transaction], Coroutine[Any, Any, T]]


class Database(Reader, Protocol):
    """A database that keeps what it has acknowledged.

    Every read includes every write awaited before it. What one statement can answer needs no unit of work.
    """

    @property
    def words(self) -> dict[str, str]:
        """The dialect's own words for the placeholders in a migration: `identity`, `real` and `bytes`."""
        ...

    def alone(self) -> AbstractAsyncContextManager[object]:
        """Keep every other process that asks for the same waiting: one at a time changes the schema."""
        ...

    async def keep_copy(self, name: str) -> None:
        """Put a copy of everything aside, before a migration; a server that backs itself up does nothing."""
        ...

    def read(self, work: Work[T]) -> Awaitable[T]:
        """Run `work` on one consistent snapshot."""
        ...

    def write(self, work: Work[T], *, long: bool = False) -> Awaitable[T]:
        """Run `work` and commit; what it raises is raised here, and nothing of it stays.

        Writes take effect in the order of their calls, whether or not anyone awaits them. `long` says that this one
        may take more than some milliseconds: it must not hold up what the process does besides.
        """
        ...

    async def close(self) -> None:
        """Finish the writes under way and let go of the database."""
        ...
