from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from retinue.store import Database, Scope, Store
from retinue.store.postgres import Postgres
from retinue.store.sqlite import SQLite
from store import postgres

Opener = Callable[[], Awaitable[Database]]
"""Opens one and the same database, which is empty at first."""

BACK_ENDS = ["sqlite", "postgres"]
"""Every test of the contract runs over each of them: they are fixtures here."""


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """A PostgreSQL server for all tests; who stops it starts it again."""
    started = postgres.Server()
    started.start()
    yield started
    started.remove()


@pytest.fixture
def sqlite(tmp_path: Path) -> Opener:
    async def open_() -> Database:
        return SQLite.open(tmp_path / "retinue.db", synchronous="normal")

    return open_


@pytest.fixture
def postgres_url(server: postgres.Server) -> str:
    return server.new_schema()


@pytest.fixture(name="postgres")
def postgres_(postgres_url: str) -> Opener:
    async def open_() -> Database:
        return await Postgres.open(postgres_url)

    return open_


@pytest.fixture(params=BACK_ENDS)
def opener(request: pytest.FixtureRequest) -> Opener:
    found: Opener = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def database(opener: Opener) -> AsyncIterator[Database]:
    opened = await opener()
    yield opened
    await opened.close()


@pytest.fixture
async def store(database: Database) -> Store:
    return await Store.open(database)


@pytest.fixture
def scope(store: Store) -> Scope:
    return store.scoped("default")
