"""A database file that is deleted or replaced while it is open, and one that was closed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retinue.core.errors import StoreFault, StoreUnavailable
from retinue.core.paging import PageQuery
from retinue.store import Store
from retinue.store.sqlite import SQLite, groups
from store import rows


class Opened:
    """An open database with one thread in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = SQLite.open(path, synchronous="normal")

    async def insert(self, id_: str) -> None:
        await self.store.scoped("default").threads.insert(rows.thread(id_), [])

    async def fill(self) -> None:
        self.store = await Store.open(self.database)
        await self.insert("thread_1")

    async def refusal(self) -> StoreFault:
        with pytest.raises(StoreFault) as refused:
            await self.insert("thread_2")
        return refused.value


@pytest.fixture
async def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opened]:
    monkeypatch.setattr(groups, "_LOOK_S", 0.0)
    made = Opened(tmp_path / "retinue.db")
    await made.fill()
    yield made
    await made.database.close()


async def test_a_file_that_stays_is_written(opened: Opened) -> None:
    await opened.insert("thread_2")
    assert (await opened.store.scoped("default").threads.get("thread_2")).id == "thread_2"


async def test_a_write_into_a_deleted_file_is_refused_with_its_name(opened: Opened) -> None:
    opened.path.unlink()
    assert str(opened.path) in (await opened.refusal()).message


async def test_a_write_into_a_replaced_file_is_refused_with_its_name(opened: Opened) -> None:
    opened.path.unlink()
    opened.path.write_bytes(b"")
    assert str(opened.path) in (await opened.refusal()).message
    assert opened.path.read_bytes() == b""


async def test_a_write_into_a_deleted_folder_is_refused(tmp_path: Path, opened: Opened) -> None:
    tmp_path.rename(tmp_path.with_name("elsewhere"))
    assert str(opened.path) in (await opened.refusal()).message


async def test_a_file_that_is_gone_is_nothing_to_wait_for(opened: Opened) -> None:
    opened.path.unlink()
    assert not isinstance(await opened.refusal(), StoreUnavailable)


async def test_every_write_after_the_first_refused_one_is_refused_too(opened: Opened) -> None:
    opened.path.unlink()
    outcomes = await asyncio.gather(*(opened.insert(f"thread_{n}") for n in range(2, 9)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreFault}


async def test_a_refused_write_leaves_nothing(opened: Opened) -> None:
    aside = opened.path.with_name("aside.db")
    opened.path.rename(aside)
    await opened.refusal()
    aside.rename(opened.path)
    assert [t.id for t in [await opened.store.scoped("default").threads.get("thread_1")]] == ["thread_1"]
    await opened.insert("thread_2")  # under the id that was refused


async def test_a_look_is_not_taken_with_every_write(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_LOOK_S", 3600.0)
    await opened.insert("thread_2")
    opened.path.unlink()
    await opened.insert("thread_3")


async def test_a_write_after_the_close_is_refused(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "other.db", synchronous="normal")
    store = await Store.open(database)
    await database.close()
    with pytest.raises(StoreFault, match="closed"):
        await store.scoped("default").threads.insert(rows.thread(), [])


async def test_writes_made_before_the_close_are_kept(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "other.db", synchronous="normal")
    scope = (await Store.open(database)).scoped("default")
    await scope.threads.insert(rows.thread(), [])
    writes = [asyncio.create_task(scope.messages.append("thread_1", rows.message(f"msg_{n}"))) for n in range(20)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*writes)
    again = SQLite.open(tmp_path / "other.db", synchronous="normal")
    kept = await (await Store.open(again)).scoped("default").messages.list("thread_1", PageQuery(limit=100))
    assert len(kept.data) == 20
    await again.close()
