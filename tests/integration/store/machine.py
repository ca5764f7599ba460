"""How much SQLite does for an answer, counted in instructions of its virtual machine: the same on every machine.

And tables of any size, made of one row that the program itself stored.
"""

import contextlib
from collections.abc import Iterator, Sequence

from msgspec import Struct

from retinue.store import Transaction
from retinue.store.sqlite import SQLite

NUMBER = "#"
"""In the texts of a row that is multiplied: where each copy has its number."""


class Count(Struct):
    """Instructions that were run."""

    instructions: int = 0


@contextlib.contextmanager
def counted(database: SQLite) -> Iterator[Count]:
    """Count the instructions of all that is read and written meanwhile."""
    count = Count()

    def tick() -> None:
        count.instructions += 1

    connections = (database._reader, database._writer._connection)
    for connection in connections:
        connection.set_progress_handler(tick, 1)
    try:
        yield count
    finally:
        for connection in connections:
            connection.set_progress_handler(None, 0)


async def multiply(tx: Transaction, table: str, times: int, *, by: str = "id", growing: Sequence[str] = ()) -> None:
    """Put copies in the place of the row that has NUMBER in its column `by`; `growing` columns grow with each."""
    columns = [(row[1], row[2]) for row in await tx.all(f"PRAGMA table_info({table})") if row[1] != "seq"]
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(_copied(name, type_, growing) for name, type_ in columns)
    row = f"{by} LIKE '%{NUMBER}%'"
    await tx.execute(
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times:d})"
        f" INSERT INTO {table} ({names}) SELECT {values} FROM {table}, numbers WHERE {row}"
    )
    await tx.execute(f"DELETE FROM {table} WHERE {row}")


def _copied(column: str, type_: str, growing: Sequence[str]) -> str:
    if column in growing:
        return f"{column} + n"
    return f"replace({column}, '{NUMBER}', printf('%06d', n))" if type_ == "TEXT" else column
