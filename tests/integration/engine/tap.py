"""A database with a tap on its writes: counts them, refuses them, or holds them back."""

import asyncio
import contextlib
import threading
from collections.abc import Generator, Iterator
from typing import Any, TypeVar

from retinue.core.errors import StoreFull
from retinue.store import Database, Transaction
from retinue.store.base import Row, Value, Work

T = TypeVar("T")


class Tap:
    """A Database over another one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.words = database.words
        self.counting = False
        self.awaited = 0
        """Writes that somebody waited for, while `counting`."""
        self.full = 0
        """How many of the next writes find the disk full."""

    def alone(self) -> contextlib.AbstractAsyncContextManager[object]:
        return self._database.alone()

    async def keep_copy(self, name: str) -> None:
        await self._database.keep_copy(name)

    async def one(self, sql: str, *values: Value) -> Row | None:
        return await self._database.one(sql, *values)

    async def all(self, sql: str, *values: Value) -> list[Row]:
        return await self._database.all(sql, *values)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(work)

    def write(self, work: Work[T], *, long: bool = False) -> "asyncio.Future[T]":
        if self.full:
            self.full -= 1
            refused: asyncio.Future[T] = asyncio.get_running_loop().create_future()
            refused.set_exception(StoreFull("The disk is full."))
            return refused
        written = asyncio.ensure_future(self._database.write(work, long=long))
        return _Watched(self, written) if self.counting else written

    async def flush(self) -> None:
        """Wait until every write made before this is done."""

        async def nothing(_: Transaction) -> None:
            pass

        await self._database.write(nothing)

    async def close(self) -> None:
        await self._database.close()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the writer back, so that all writes made meanwhile are committed together afterwards."""
        go = threading.Event()

        async def hold(_: Transaction) -> None:
            go.wait(timeout=10)

        held = asyncio.ensure_future(self._database.write(hold, long=True))
        try:
            yield
        finally:
            go.set()
            held.add_done_callback(lambda done: done.exception())


class _Watched(asyncio.Future[Any]):
    """The future of a write; knows whether anybody awaited it."""

    def __init__(self, tap: Tap, inner: "asyncio.Future[Any]") -> None:
        super().__init__()
        self._tap = tap
        inner.add_done_callback(self._copy)

    def _copy(self, inner: "asyncio.Future[Any]") -> None:
        if self.done():
            inner.exception()
        elif error := inner.exception():
            self.set_exception(error)
        else:
            self.set_result(inner.result())

    def __await__(self) -> Generator[Any, None, Any]:
        self._tap.awaited += 1
        return super().__await__()

    __iter__ = __await__
