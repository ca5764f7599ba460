"""A folder's store for the terminal's commands: alone, beside a server, and against another version's."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retinue.app import keys, offline
from retinue.app.folder import DATABASE, OWNER, hold
from retinue.app.offline import open_store
from retinue.core.errors import InvalidRequest, NotStarted, SchemaTooNew
from retinue.store import Store
from retinue.store.schema import released
from retinue.store.sqlite import SQLite


@contextlib.asynccontextmanager
async def served(data: Path) -> AsyncIterator[Store]:
    """The folder as a server has it."""
    with hold(data):
        database = SQLite.open(data / DATABASE, synchronous="normal")
        try:
            yield await Store.open(database)
        finally:
            await database.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offline, "_PAUSE_S", 0)


def set_version(data: Path, change: str) -> None:
    with contextlib.closing(sqlite3.connect(data / DATABASE)) as database, database:
        database.execute(change)


async def test_a_folder_that_is_not_there_is_made_and_let_go_again(tmp_path: Path) -> None:
    data = tmp_path / "new"
    async with open_store(data) as opened:
        assert (data / OWNER).exists()
        assert not await opened.store.keys.any_made()
    assert not (data / OWNER).exists()
    with hold(data):
        pass


async def test_what_is_written_beside_a_server_counts_there_at_once(tmp_path: Path) -> None:
    async with served(tmp_path) as server:
        assert not await server.keys.any_made()
        made = await keys.create_key(tmp_path, name="ci", project="p")
        assert list(await server.keys.list()) == [made.key]
        await keys.revoke_key(tmp_path, "ci")
        assert (await server.keys.list())[0].revoked_at
        await server.keys.revoke(made.key.id, at=0)  # and the server can write as before


async def test_what_goes_wrong_inside_is_raised_and_the_folder_let_go(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_store(tmp_path):
            raise ZeroDivisionError
    async with served(tmp_path):
        with pytest.raises(ZeroDivisionError):
            async with open_store(tmp_path):
                raise ZeroDivisionError


async def test_a_database_that_is_made_meanwhile_is_waited_for(tmp_path: Path) -> None:
    with hold(tmp_path):
        made = asyncio.create_task(keys.create_key(tmp_path, name="", project="p"))
        await asyncio.sleep(0)  # the task has found the folder held and no database in it
        database = SQLite.open(tmp_path / DATABASE, synchronous="normal")
        store = await Store.open(database)
        assert (await made).first
        assert len(await store.keys.list()) == 1
        await database.close()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "change", ["DELETE FROM schema_version WHERE version > 1", "UPDATE schema_version SET version = 99"]
)
async def test_a_server_of_another_version_is_left_alone(tmp_path: Path, change: str) -> None:
    async with served(tmp_path):
        set_version(tmp_path, change)
        with pytest.raises(NotStarted, match="has another version than this program"):
            await keys.create_key(tmp_path, name="", project="p")


async def test_a_newer_database_is_refused_without_a_server_too(tmp_path: Path) -> None:
    async with open_store(tmp_path):
        pass
    set_version(tmp_path, f"UPDATE schema_version SET version = {len(released()) + 1}")
    with pytest.raises(SchemaTooNew):
        await keys.create_key(tmp_path, name="", project="p")


async def test_listing_and_revoking_make_no_folder(tmp_path: Path) -> None:
    data = tmp_path / "mistyped"
    assert await keys.list_keys(data) == []
    with pytest.raises(InvalidRequest, match="There are no keys in"):
        await keys.revoke_key(data, "ci")
    assert not data.exists()


async def test_keys_of_one_name_are_revoked_by_their_ids(tmp_path: Path) -> None:
    first, second = [await keys.create_key(tmp_path, name="ci", project="p") for _ in range(2)]
    with pytest.raises(InvalidRequest, match="2 keys are called 'ci'") as refused:
        await keys.revoke_key(tmp_path, "ci")
    assert first.key.id in refused.value.message
    assert second.key.id in refused.value.message
    assert (await keys.revoke_key(tmp_path, first.key.id)).left == 1
    revoked = await keys.revoke_key(tmp_path, "ci")  # now it can be only the one that is in force
    assert (revoked.key.id, revoked.left) == (second.key.id, 0)
    assert (await keys.revoke_key(tmp_path, "ci")).key == revoked.key


async def test_an_empty_name_names_no_key(tmp_path: Path) -> None:
    await keys.create_key(tmp_path, name="", project="p")
    with pytest.raises(InvalidRequest, match="No key"):
        await keys.revoke_key(tmp_path, "")


async def test_a_refused_name_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest):
        await keys.create_key(tmp_path / "new", name="", project="../up")
    assert not (tmp_path / "new").exists()
