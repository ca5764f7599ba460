"""Schema versions: every released one opens, a copy is put aside first, a newer one is refused."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

from retinue.core.errors import SchemaTooNew, StoreFault
from retinue.core.job import INGEST_DOCUMENT
from retinue.core.key import hash_of
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.core.vector_store import Chunking, FileCounts, Slab, Window
from retinue.store import Database, Store, Transaction
from retinue.store.schema import Migration, migrate, released
from retinue.store.sqlite import SQLite

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sql"))
NEXT = Migration(version=len(released()) + 1, sql="CREATE TABLE later (id {identity}, at {real} NOT NULL);\n")


def load(dump: Path, path: Path) -> None:
    """Make a database file of a dump."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text("utf-8"))


async def version_of(database: Database) -> int:
    async def work(tx: Transaction) -> int:
        row = await tx.one("SELECT max(version) FROM schema_version")
        return int(row[0]) if row else 0

    return await database.read(work)


async def test_migrations_are_numbered_without_gaps() -> None:
    assert [migration.version for migration in released()] == list(range(1, len(released()) + 1))


async def test_every_released_schema_has_a_dump_here() -> None:
    assert [dump.stem for dump in RELEASED] == [f"{migration.version:04}" for migration in released()]


@pytest.mark.parametrize("dump", RELEASED, ids=lambda dump: dump.stem)
async def test_a_database_of_every_released_schema_opens_with_its_rows(dump: Path, tmp_path: Path) -> None:
    load(dump, tmp_path / "retinue.db")
    database = SQLite.open(tmp_path / "retinue.db")
    scope = (await Store.open(database)).scoped("default")
    assert await version_of(database) == len(released())
    query = PageQuery(limit=100, order="asc")
    assert [assistant.id for assistant in (await scope.assistants.list(query)).data] == ["asst_1"]
    assert (await scope.threads.get("thread_1")).metadata == {"user_id": "ann"}
    messages = (await scope.messages.list("thread_1", query)).data
    assert [(m.id, m.role, m.text, m.metadata) for m in messages] == [
        ("msg_1", "user", "Which is warmer?", {"k": "v"}),
        ("msg_2", "assistant", "Rome is.", {}),
    ]
    history = await scope.runs.history("run_1")
    assert history.run.status is Status.COMPLETED
    assert history.run.usage is not None
    assert history.run.usage.total == 30
    assert [(turn.index, turn.finish) for turn in history.turns] == [(0, "tool_calls"), (1, "stop")]
    assert [(step.kind, step.status) for step in history.steps] == [
        ("tool_calls", "completed"),
        ("message_creation", "completed"),
    ]
    assert [output.output for output in history.outputs_of(history.steps[0])] == ["31"]
    await database.close()


async def test_a_database_of_this_schema_is_opened_again_without_a_copy(tmp_path: Path) -> None:
    for _ in range(2):
        database = SQLite.open(tmp_path / "retinue.db")
        await Store.open(database)
        await database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["retinue.db"]


async def test_a_copy_is_kept_before_a_migration(tmp_path: Path) -> None:
    load(RELEASED[-1], tmp_path / "retinue.db")
    database = SQLite.open(tmp_path / "retinue.db")
    await migrate(database, [*released(), NEXT])
    assert await version_of(database) == NEXT.version
    await database.close()
    kept = SQLite.open(tmp_path / f"retinue.db.before-{NEXT.version}")
    assert await version_of(kept) == len(released())
    assert (await (await Store.open(kept)).scoped("default").threads.get("thread_1")).id == "thread_1"
    await kept.close()


async def test_a_migration_that_fails_leaves_the_schema_as_it_was(database: Database) -> None:
    await migrate(database, released())
    broken = Migration(version=NEXT.version, sql=f"{NEXT.sql}CREATE NONSENSE;\n")
    with pytest.raises(StoreFault):
        await migrate(database, [*released(), broken])
    assert await version_of(database) == len(released())
    await migrate(database, [*released(), NEXT])
    assert await version_of(database) == NEXT.version


async def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    await migrate(database, [*released(), NEXT])
    with pytest.raises(SchemaTooNew, match=f"has schema version {NEXT.version}, and this Retinue knows versions up to"):
        await Store.open(database)
    assert await version_of(database) == NEXT.version


async def test_what_was_made_for_a_v1_assistant_in_schema_3_still_goes_with_it(tmp_path: Path) -> None:
    load(RELEASED[2], tmp_path / "retinue.db")
    database = SQLite.open(tmp_path / "retinue.db")
    scope = (await Store.open(database)).scoped("files")
    assert len((await scope.vector_stores.list(PageQuery())).data) == 1
    await scope.assistants.delete("asst_v1")
    assert (await scope.vector_stores.list(PageQuery())).data == []
    await database.close()


async def test_files_that_v1_assistants_search_in_schema_3_are_read_after_it(tmp_path: Path) -> None:
    load(RELEASED[2], tmp_path / "retinue.db")
    database = SQLite.open(tmp_path / "retinue.db")
    scope = (await Store.open(database)).scoped("files")
    [store] = (await scope.vector_stores.list(PageQuery())).data
    assert (store.status, store.counts.in_progress, store.last_active_at) == ("in_progress", 1, store.created_at)
    [file] = (await scope.vector_store_files.list(store.id, PageQuery())).data
    assert (file.file_id, file.status) == ("file-1", "in_progress")
    queued = await database.all("SELECT project, key FROM jobs WHERE kind = ?", INGEST_DOCUMENT)
    assert queued == [("files", file.document)]
    await database.close()


async def test_what_is_searched_in_schema_4_is_there(tmp_path: Path) -> None:
    load(RELEASED[3], tmp_path / "retinue.db")
    database = SQLite.open(tmp_path / "retinue.db")
    scope = (await Store.open(database)).scoped("files")
    store = await scope.vector_stores.get("vs_1")
    assert (store.name, store.counts, store.usage_bytes) == ("Docs", FileCounts(in_progress=1, completed=1), 5)
    file = await scope.vector_store_files.get("vs_1", "file-1")
    assert (file.attributes, file.chunking, file.windows) == ({"year": 2024}, Chunking(size=200, overlap=100), 1)
    assert await scope.documents.windows(file.document) == [Window(number=0, text="Hello.", page=3)]
    assert await scope.documents.slabs(file.document) == [Slab(first=0, count=1, vectors=b"\x00\x3c", terms=b"t")]
    assert (await scope.file_batches.get("vs_1", "vsfb_1")).counts == FileCounts(in_progress=1, completed=1)
    await database.close()


async def test_files_and_keys_of_schema_2_are_there(tmp_path: Path) -> None:
    load(RELEASED[1], tmp_path / "retinue.db")
    database = SQLite.open(tmp_path / "retinue.db")
    store = await Store.open(database)
    scope = store.scoped("files")
    assert [file.id for file in (await scope.files.list(PageQuery(order="asc"))).data] == ["file-1", "file-2"]
    [files] = await scope.assistant_files.of([await scope.assistants.get("asst_v1")])
    assert [file.file_id for file in files] == ["file-1"]
    assert [part.id for part in await scope.uploads.parts("upload_1")] == ["part_1"]
    key = (await store.keys.look_up(hash_of("sk-retinue-abcd")))[0]
    assert key is not None
    assert key.project == "files"
    await database.close()
