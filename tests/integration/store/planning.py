"""A database that notes how each statement would be answered: by an index, or by reading a whole table and sorting."""

from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal

import msgspec

from retinue.store import Database, Transaction
from retinue.store.base import Reader, Row, T, Value, Work
from retinue.store.sqlite import SQLite

Complaint = Literal["reads all", "sorts"]
Noted = list[tuple[str, Complaint]]
"""Statements, and what is wrong with how they would be answered."""


class _Noting:
    """Answers as the reader beneath does."""

    def __init__(self, reader: Reader, dialect: type[Database], noted: Noted) -> None:
        self._reader, self._dialect, self.noted = reader, dialect, noted

    async def one(self, sql: str, *values: Value) -> Row | None:
        await self._note(sql, values)
        return await self._reader.one(sql, *values)

    async def all(self, sql: str, *values: Value) -> list[Row]:
        await self._note(sql, values)
        return await self._reader.all(sql, *values)

    async def _note(self, sql: str, values: tuple[Value, ...]) -> None:
        await self._explain(self._reader, sql, values)

    async def _explain(self, reader: Reader, sql: str, values: tuple[Value, ...]) -> None:
        if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
            return
        explain = _of_sqlite if self._dialect is SQLite else _of_postgres
        self.noted.extend((sql, complaint) for complaint in await explain(reader, sql, values))


class _NotingTransaction(_Noting):
    def __init__(self, tx: Transaction, dialect: type[Database], noted: Noted) -> None:
        super().__init__(tx, dialect, noted)
        self._tx = tx

    async def execute(self, sql: str, *values: Value) -> int:
        await self._note(sql, values)
        return await self._tx.execute(sql, *values)


class Planned(_Noting):
    """A Database over another one."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, type(database), [])
        self._database = database
        self.words = database.words

    def alone(self) -> AbstractAsyncContextManager[object]:
        return self._database.alone()

    async def keep_copy(self, name: str) -> None:
        await self._database.keep_copy(name)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(self._noting(work))

    def write(self, work: Work[T]) -> Awaitable[T]:
        return self._database.write(self._noting(work))

    async def close(self) -> None:
        await self._database.close()

    async def _note(self, sql: str, values: tuple[Value, ...]) -> None:
        async def explain(tx: Transaction) -> None:
            await self._explain(tx, sql, values)

        await self._database.read(explain)

    def _noting(self, work: Work[T]) -> Work[T]:
        async def noting(tx: Transaction) -> T:
            return await work(_NotingTransaction(tx, self._dialect, self.noted))

        return noting


async def _of_sqlite(reader: Reader, sql: str, values: tuple[Value, ...]) -> set[Complaint]:
    plan = " ".join(row[3] for row in await reader.all(f"EXPLAIN QUERY PLAN {sql}", *values))
    found: dict[str, Complaint] = {"SCAN": "reads all", "TEMP B-TREE": "sorts"}
    return {complaint for word, complaint in found.items() if word in plan}


async def _of_postgres(reader: Reader, sql: str, values: tuple[Value, ...]) -> set[Complaint]:
    """It would rather read small tables whole, and sort them: what it does where that is forbidden, it must."""
    for way in ("seqscan", "sort", "incremental_sort"):
        await reader.all(f"SET LOCAL enable_{way} = off")
    row = await reader.one(f"EXPLAIN (FORMAT JSON, COSTS OFF) {sql}", *values)
    assert row is not None
    [plan] = msgspec.json.decode(row[0])
    return set(_complaints(plan["Plan"]))


def _complaints(node: dict[str, Any]) -> list[Complaint]:
    kind, found = node["Node Type"], [c for below in node.get("Plans", ()) for c in _complaints(below)]
    if kind == "Seq Scan" or ("Index" in kind and "Scan" in kind and "Index Cond" not in node):
        found.append("reads all")
    elif "Sort" in kind:
        found.append("sorts")
    return found
