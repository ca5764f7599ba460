from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge.library import Library
from retinue.store import Store
from retinue.store.sqlite import SQLite


@pytest.fixture
async def library(tmp_path: Path) -> AsyncIterator[Library]:
    store = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    opened = Library(store, tmp_path / "indexes")
    yield opened
    await opened.close()
    await store.close()
