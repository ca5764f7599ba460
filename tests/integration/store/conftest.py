from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from retinue.store import Database, Scope, Store
from retinue.store.sqlite import SQLite


def sqlite(folder: Path) -> Database:
    return SQLite.open(folder / "retinue.db", synchronous="normal")


BACK_ENDS: list[Callable[[Path], Database]] = [sqlite]
"""Each opens an empty database; every test of the contract runs over each of them."""


@pytest.fixture(params=BACK_ENDS, ids=lambda back_end: back_end.__name__)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    opened: Database = request.param(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def store(database: Database) -> Store:
    return await Store.open(database)


@pytest.fixture
def scope(store: Store) -> Scope:
    return store.scoped("default")
