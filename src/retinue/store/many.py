"""Statements over many rows: a few large ones take a fraction of the time of many small ones."""

from collections.abc import Iterator, Sequence

from retinue.store.base import Reader, Row, T, Transaction, Value

_VALUES = 1_000  # of one statement: far below what any dialect takes


async def select(reader: Reader, sql: str, *values: Value, ids: Sequence[str]) -> list[Row]:
    """Return the rows of a statement that ends in `IN`, for all of these ids."""
    rows: list[Row] = []
    for some in _slices(ids, _VALUES):
        rows += await reader.all(f"{sql} ({', '.join('?' * len(some))})", *values, *some)
    return rows


async def insert(tx: Transaction, into: str, rows: Sequence[Row], *, otherwise: str = "") -> None:
    """Insert rows in their order: `into` is a table and its columns, `otherwise` what follows the values."""
    if not rows:
        return
    width = len(rows[0])
    marks = f"({', '.join('?' * width)})"
    for some in _slices(rows, _VALUES // width):
        sql = f"INSERT INTO {into} VALUES {', '.join([marks] * len(some))} {otherwise}"
        await tx.execute(sql, *(value for row in some for value in row))


def _slices(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (whole[start : start + size] for start in range(0, len(whole), size))
