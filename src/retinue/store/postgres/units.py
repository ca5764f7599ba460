"""Units of work over asyncpg: statements in its placeholders, values that both dialects store alike.

A unit awaits nothing but its transaction: it hands each statement out to `run`, which puts it to the connection. So a
unit that awaits something else, and would keep a transaction open for it, is found here as it is over SQLite.
"""

import functools
import itertools
import re
import types
from collections.abc import Coroutine, Generator
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct

from retinue.store.base import Row, Value
from retinue.store.unit import gone_astray

T = TypeVar("T")

# PostgreSQL stores every character but U+0000. It is stored as two others, and so is the one that begins the two.
_ESCAPE = "\ufdd0"  # a noncharacter: no text for people holds it


class Statement(Struct, frozen=True):
    """What a unit of work asks of its transaction."""

    sql: str
    values: tuple[Value, ...]
    method: str
    """The one of asyncpg's connection that answers."""


class Transaction:
    """See `base.Transaction`; remembers whether anything was to be changed."""

    def __init__(self) -> None:
        self.wrote = False

    async def one(self, sql: str, *values: Value) -> Row | None:
        """Return the first row, or None."""
        row = await _ask(Statement(sql, values, "fetchrow"))
        return None if row is None else _row(row)

    async def all(self, sql: str, *values: Value) -> list[Row]:
        """Return all rows."""
        return [_row(row) for row in await _ask(Statement(sql, values, "fetch"))]

    async def execute(self, sql: str, *values: Value) -> int:
        """Change rows; return how many."""
        self.wrote = True
        count = (await _ask(Statement(sql, values, "execute"))).rpartition(" ")[2]  # "INSERT 0 1", "CREATE TABLE"
        return int(count) if count.isdecimal() else 0


async def run(work: Coroutine[Any, Any, T], connection: Any) -> T:
    """Run a unit of work to its end, each of its statements on the connection."""
    answer: Any = None
    failure: BaseException | None = None
    while True:
        try:
            asked = work.send(answer) if failure is None else work.throw(failure)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        if not isinstance(asked, Statement):
            raise gone_astray(work)
        answer = failure = None
        try:
            answer = await getattr(connection, asked.method)(numbered(asked.sql), *map(escaped, asked.values))
        except BaseException as error:
            failure = error


@functools.lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """Return the statement with `$1`, `$2` for its `?`; no text in our statements has one."""
    numbers = itertools.count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", sql)


def escaped(value: Value) -> Value:
    """Return the value as PostgreSQL can store it."""
    if isinstance(value, str) and ("\0" in value or _ESCAPE in value):
        return value.replace(_ESCAPE, f"{_ESCAPE}1").replace("\0", f"{_ESCAPE}0")
    return value


def unescaped(value: Any) -> Any:
    """Return the value that was stored; sums of integers, which come as decimals, are integers."""
    if isinstance(value, str):
        return value.replace(f"{_ESCAPE}0", "\0").replace(f"{_ESCAPE}1", _ESCAPE) if _ESCAPE in value else value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


@types.coroutine
def _ask(statement: Statement) -> Generator[Statement, Any, Any]:
    return (yield statement)


def _row(record: Any) -> Row:
    return tuple(map(unescaped, record))
