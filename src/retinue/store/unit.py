"""A unit of work on its way through a writer, whichever the database."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from retinue.core.errors import StoreFault
from retinue.store.base import Work


class Unit:
    """A unit of work, and what came of it."""

    __slots__ = ("error", "future", "long", "value", "work")

    def __init__(self, work: Work[Any], *, long: bool = False) -> None:
        self.work, self.long = work, long
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.value: Any = None
        self.error: BaseException | None = None

    def deliver(self) -> None:
        """Tell whoever awaits it."""
        if self.future.done():
            return  # the awaiting one was cancelled; the write stands all the same
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


def closed() -> StoreFault:
    """Return the error of a unit that comes after the end."""
    return StoreFault("The database is closed.")


def gone_astray(running: Coroutine[Any, Any, Any]) -> RuntimeError:
    """End a unit that awaits something else, and would keep a transaction open for it; return the error to raise."""
    running.close()
    return RuntimeError("A unit of work awaited something other than its transaction.")
