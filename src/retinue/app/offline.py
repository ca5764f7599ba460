"""A folder's store for commands of the terminal: with the folder to oneself, or beside the server that has it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from msgspec import Struct

from retinue.app.folder import DATABASE, has_database, hold
from retinue.core.errors import FolderInUse, NotStarted
from retinue.store import Store
from retinue.store.schema import released, version_of
from retinue.store.sqlite import SQLite, Synchronous

_TRIES = 30
_PAUSE_S = 0.1  # between tries, while whoever holds the folder brings its database to its own version


class Opened(Struct, frozen=True):
    """A data folder's store, and whether a server has the folder too."""

    store: Store
    beside: bool


@contextlib.asynccontextmanager
async def open_store(data: Path, *, synchronous: Synchronous = "full") -> AsyncIterator[Opened]:
    """Open the folder's store; folder and database are made if need be.

    Beside a server it is opened as it is: what is written here counts there from the next request. Raises NotStarted
    if the database that is served has another schema version than this program.
    """
    async with contextlib.AsyncExitStack() as stack:
        yield await _open(data, synchronous, stack)


async def _open(data: Path, synchronous: Synchronous, stack: contextlib.AsyncExitStack) -> Opened:
    for _ in range(_TRIES):
        try:
            stack.enter_context(hold(data))
        except FolderInUse:
            if store := await _beside(data, synchronous, stack):
                return Opened(store, beside=True)
            await asyncio.sleep(_PAUSE_S)
        else:
            database = SQLite.open(data / DATABASE, synchronous=synchronous)
            stack.push_async_callback(database.close)
            return Opened(await Store.open(database), beside=False)
    raise NotStarted(
        f"A server has the data folder {data}, and its database has another version than this program. "
        "Call the command of the same Retinue as the server's, or stop the server first."
    )


async def _beside(data: Path, synchronous: Synchronous, stack: contextlib.AsyncExitStack) -> Store | None:
    """Open the store of a folder that another process has; None if its database is not of our version, or not yet."""
    if not has_database(data):
        return None
    database = SQLite.open(data / DATABASE, synchronous=synchronous)
    closing = contextlib.AsyncExitStack()
    closing.push_async_callback(database.close)
    async with closing:
        if await version_of(database) != released()[-1].version:
            return None
        await stack.enter_async_context(closing.pop_all())
        return Store(database)
