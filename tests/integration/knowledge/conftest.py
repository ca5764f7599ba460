from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.books import Books
from retinue.store import Store
from retinue.store.sqlite import SQLite


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    store = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    opened = Books(store, tmp_path / "indexes")
    yield opened
    await opened.close()
    await store.close()
