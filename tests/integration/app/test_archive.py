"""Backups and restores: all comes back, or nothing is changed and the reason is told."""

import gzip
import io
import os
import shutil
import sqlite3
import tarfile
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from retinue.app import archive as archives
from retinue.app.archive import back_up, restore
from retinue.app.folder import BLOBS, DATABASE, LOCK, OWNER, hold
from retinue.blobs.folder import BlobFolder
from retinue.core.errors import BlobMissing, FolderInUse, NotStarted, RetinueError
from retinue.core.file import File
from retinue.core.thread import Thread
from retinue.engine.sweep import sweep
from retinue.store import Store
from retinue.store.files import BLOB_OWNERS
from retinue.store.sqlite import SQLite

THREAD = Thread(id="thread_1", created_at=1_700_000_000.0, head="branch_1")
BYTES = os.urandom(200_000)


class Archived:
    """A data folder with a row and a blob, and a backup of it; and a folder to restore into."""

    def __init__(self, folder: Path) -> None:
        self.data, self.archive, self.target = folder / "data", folder / "backup.tar.gz", folder / "target"
        self.blob = ""

    async def fill(self) -> None:
        self.data.mkdir()
        blob = await BlobFolder(self.data / BLOBS).put(pieces(BYTES))
        self.blob = blob.id
        await insert(self.data, THREAD)
        back_up(self.data, self.archive)

    def refusal(self) -> str:
        """What a restore says that must leave the target without a database and without rubbish."""
        with pytest.raises(NotStarted) as refused:
            restore(self.archive, self.target)
        assert {path.name for path in self.target.iterdir()} <= {LOCK}
        return refused.value.message

    def cut(self, end: int) -> None:
        self.archive.write_bytes(self.archive.read_bytes()[:end])

    def flip(self, place: int) -> None:
        whole = bytearray(self.archive.read_bytes())
        whole[place] ^= 1
        self.archive.write_bytes(whole)

    def hold_entries(self, *entries: tuple[tarfile.TarInfo, bytes]) -> None:
        """Write an archive of these entries in place of the true one."""
        with tarfile.open(self.archive, "w:gz") as tar:
            for entry, content in entries:
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))

    def database(self) -> bytes:
        with tarfile.open(self.archive) as tar:
            member = tar.extractfile(DATABASE)
            assert member is not None
            return member.read()


@pytest.fixture
async def archived(tmp_path: Path) -> Archived:
    made = Archived(tmp_path)
    await made.fill()
    return made


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def insert(data: Path, thread: Thread) -> None:
    database = SQLite.open(data / DATABASE)
    await (await Store.open(database)).scoped("default").threads.insert(thread, [])
    await database.close()


async def insert_file(data: Path) -> File:
    """A file with its row and its bytes."""
    blob = await BlobFolder(data / BLOBS).put(pieces(BYTES))
    file = File(
        id="file-1", created_at=0, name="a", purpose="assistants", size=blob.size, sha256=blob.sha256, blob=blob.id
    )
    database = SQLite.open(data / DATABASE)
    await (await Store.open(database)).scoped("default").files.insert(file)
    await database.close()
    return file


async def content_of(data: Path, file: File) -> bytes:
    return b"".join([piece async for piece in BlobFolder(data / BLOBS).open(file.blob)])


async def stored(data: Path, id_: str) -> Thread:
    database = SQLite.open(data / DATABASE)
    try:
        return await (await Store.open(database)).scoped("default").threads.get(id_)
    finally:
        await database.close()


def entry(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


def made_by(*statements: str) -> bytes:
    """The bytes of a database in which these statements were executed."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        return connection.serialize()


# There and back


async def test_rows_come_back(archived: Archived) -> None:
    restore(archived.archive, archived.target)
    assert await stored(archived.target, THREAD.id) == THREAD


async def test_blobs_come_back(archived: Archived) -> None:
    restore(archived.archive, archived.target)
    blobs = BlobFolder(archived.target / BLOBS)
    assert b"".join([piece async for piece in blobs.open(archived.blob)]) == BYTES


async def test_a_restored_folder_holds_nothing_else(archived: Archived) -> None:
    restore(archived.archive, archived.target)
    assert {path.name for path in archived.target.iterdir()} <= {DATABASE, BLOBS, LOCK}


async def test_what_was_written_while_the_database_is_open_is_in_the_backup(tmp_path: Path, archived: Archived) -> None:
    database = SQLite.open(archived.data / DATABASE)
    later = Thread(id="thread_2", created_at=THREAD.created_at, head="branch_2")
    await (await Store.open(database)).scoped("default").threads.insert(later, [])
    back_up(archived.data, tmp_path / "later.tar.gz")
    await database.close()
    restore(tmp_path / "later.tar.gz", archived.target)
    assert await stored(archived.target, later.id) == later


async def test_a_folder_that_is_served_can_be_backed_up(tmp_path: Path, archived: Archived) -> None:
    with hold(archived.data):
        assert back_up(archived.data, tmp_path / "b.tar.gz") == (tmp_path / "b.tar.gz").stat().st_size


async def test_a_half_written_blob_is_left_out(tmp_path: Path, archived: Archived) -> None:
    (archived.data / BLOBS / "partial" / "blob_x").write_bytes(b"half")
    back_up(archived.data, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        assert [name for name in tar.getnames() if "blob_x" in name] == []


async def test_a_blob_that_is_deleted_meanwhile_does_not_break_a_backup_off(
    tmp_path: Path, archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (archived.data / BLOBS / "zz" / f"blob_zz{n}" for n in (1, 2))
    first.parent.mkdir()
    first.write_bytes(b"stays")
    second.write_bytes(b"goes")
    listed = archives._whole_blobs

    def deleting(data: Path) -> list[Path]:
        found = listed(data)
        second.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(archives, "_whole_blobs", deleting)
    back_up(archived.data, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        names = set(tar.getnames())
    assert {"retinue.db", "blobs/zz/blob_zz1"} <= names
    assert "blobs/zz/blob_zz2" not in names


async def test_what_a_row_names_is_in_the_backup_even_if_it_is_deleted_meanwhile(
    tmp_path: Path, archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await insert_file(archived.data)
    listed = archives._named_blobs

    def deleting(copy: Path) -> set[str]:
        (archived.data / BLOBS / file.blob[5:7] / file.blob).unlink(missing_ok=True)
        return listed(copy)

    monkeypatch.setattr(archives, "_named_blobs", deleting)
    back_up(archived.data, tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", archived.target)
    assert await content_of(archived.target, file) == BYTES


async def test_whatever_owns_bytes_is_asked_for_their_names(archived: Archived) -> None:
    with closing(sqlite3.connect(archived.data / DATABASE)) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {table: connection.execute(f"SELECT * FROM {table} LIMIT 0").description for table in tables}
    assert sorted(table for table in tables if "blob" in {column[0] for column in columns[table]}) == sorted(
        BLOB_OWNERS
    )


async def test_a_long_output_that_comes_and_goes_during_the_copy_is_in_none(
    archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for files: the first copy names bytes that are gone, so another one is made."""
    names = "INSERT INTO item_blobs (project, item, blob) VALUES ('default', 'item_1', 'blob_gone')"
    _execute(archived.data, names)
    copied = archives._copy_database

    def deleting(source: Path, target: Path) -> None:
        copied(source, target)
        _execute(archived.data, "DELETE FROM item_blobs")

    monkeypatch.setattr(archives, "_copy_database", deleting)
    back_up(archived.data, tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", archived.target)
    with closing(sqlite3.connect(archived.target / DATABASE)) as connection:
        assert connection.execute("SELECT count(*) FROM item_blobs").fetchone() == (0,)


def _execute(data: Path, statement: str) -> None:
    with closing(sqlite3.connect(data / DATABASE)) as connection:
        connection.execute(statement)
        connection.commit()


async def test_a_file_that_comes_and_goes_during_the_copy_is_in_none(
    tmp_path: Path, archived: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named by the first copy of the database, and its bytes are gone before they could be kept."""
    file = await insert_file(archived.data)
    (archived.data / BLOBS / file.blob[5:7] / file.blob).unlink()
    copied = archives._copy_database

    def deleting(source: Path, target: Path) -> None:
        copied(source, target)
        with closing(sqlite3.connect(source)) as connection:
            connection.execute("DELETE FROM files")
            connection.commit()

    monkeypatch.setattr(archives, "_copy_database", deleting)
    back_up(archived.data, tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", archived.target)
    with closing(sqlite3.connect(archived.target / DATABASE)) as connection:
        assert connection.execute("SELECT count(*) FROM files").fetchone() == (0,)


async def test_a_file_whose_bytes_are_lost_keeps_nobody_from_a_backup(tmp_path: Path, archived: Archived) -> None:
    file = await insert_file(archived.data)
    (archived.data / BLOBS / file.blob[5:7] / file.blob).unlink()
    back_up(archived.data, tmp_path / "b.tar.gz")
    restore(tmp_path / "b.tar.gz", archived.target)


async def test_what_no_row_names_is_swept_after_a_restore_and_what_one_names_stays(archived: Archived) -> None:
    file = await insert_file(archived.data)
    archived.archive.unlink()
    back_up(archived.data, archived.archive)
    restore(archived.archive, archived.target)
    database = SQLite.open(archived.target / DATABASE)
    blobs = BlobFolder(archived.target / BLOBS)
    assert await sweep(await Store.open(database), blobs) == 1
    await database.close()
    with pytest.raises(BlobMissing):
        await anext(blobs.open(archived.blob))
    assert await content_of(archived.target, file) == BYTES


async def test_a_backup_leaves_nothing_beside_the_data(archived: Archived) -> None:
    (archived.data / ".retinue-backup").mkdir()
    (archived.data / ".retinue-backup" / "blob_x").write_bytes(b"a second name")
    archived.archive.unlink()
    back_up(archived.data, archived.archive)
    assert [path for path in archived.data.iterdir() if path.is_dir()] == [archived.data / BLOBS]


async def test_one_backup_at_a_time(archived: Archived, tmp_path: Path) -> None:
    with archives._pins(archived.data), pytest.raises(NotStarted, match="Another backup"):
        back_up(archived.data, tmp_path / "b.tar.gz")


# What a backup refuses


async def test_a_backup_overwrites_nothing(archived: Archived) -> None:
    archived.archive.write_bytes(b"mine")
    with pytest.raises(NotStarted) as refused:
        back_up(archived.data, archived.archive)
    assert str(archived.archive) in refused.value.message
    assert archived.archive.read_bytes() == b"mine"


def test_an_empty_folder_is_not_backed_up(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="nothing to back up") as refused:
        back_up(tmp_path, tmp_path / "backup.tar.gz")
    assert str(tmp_path) in refused.value.message
    assert list(tmp_path.iterdir()) == []


async def test_an_archive_in_a_folder_that_is_not_there_is_told(tmp_path: Path, archived: Archived) -> None:
    with pytest.raises(NotStarted, match="could not be written"):
        back_up(archived.data, tmp_path / "nowhere" / "backup.tar.gz")


async def test_a_database_that_is_none_is_not_backed_up_and_leaves_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / DATABASE).write_bytes(b"no database " * 1_000)
    with pytest.raises(NotStarted, match="could not be copied"):
        back_up(data, tmp_path / "backup.tar.gz")
    assert list(tmp_path.iterdir()) == [data]


# What a restore refuses


async def test_a_folder_with_data_is_not_restored_into(archived: Archived) -> None:
    archived.target.mkdir()
    await insert(archived.target, Thread(id="thread_2", created_at=0, head="branch_2"))
    with pytest.raises(NotStarted, match="overwrites nothing"):
        restore(archived.archive, archived.target)
    assert (await stored(archived.target, "thread_2")).id == "thread_2"


async def test_a_folder_that_is_served_is_not_restored_into(archived: Archived) -> None:
    with hold(archived.target), pytest.raises(FolderInUse):
        restore(archived.archive, archived.target)
    assert not (archived.target / DATABASE).exists()


async def test_an_archive_that_is_not_there_is_named(archived: Archived) -> None:
    archived.archive.unlink()
    assert str(archived.archive) in archived.refusal()


@pytest.mark.parametrize("end", [0, 1, 5, 10, 100, 50_000, 150_000, -512, -9, -8, -4, -1])
async def test_a_truncated_archive_is_refused(archived: Archived, end: int) -> None:
    archived.cut(end)
    assert str(archived.archive) in archived.refusal()


@pytest.mark.parametrize("place", [-8, -5, -4, -1])
async def test_an_archive_with_another_checksum_is_refused(archived: Archived, place: int) -> None:
    archived.flip(place)
    assert str(archived.archive) in archived.refusal()


async def test_a_bit_flipped_amid_an_archive_is_refused(archived: Archived) -> None:
    archived.flip(archived.archive.stat().st_size // 2)
    assert str(archived.archive) in archived.refusal()


@pytest.mark.parametrize(
    "content", [b"no archive at all", gzip.compress(b"no tar at all", mtime=0), gzip.compress(b"", mtime=0)]
)
async def test_a_file_that_is_no_archive_is_refused(archived: Archived, content: bytes) -> None:
    archived.archive.write_bytes(content)
    assert str(archived.archive) in archived.refusal()


@pytest.mark.parametrize("name", ["../x", "blobs/../../x", "blobs/../../../x", "x", "./retinue.db", "retinue.db/x"])
async def test_an_entry_of_another_name_is_refused(archived: Archived, name: str) -> None:
    archived.hold_entries((entry(DATABASE), archived.database()), (entry(name), b"planted"))
    assert str(archived.archive) in archived.refusal()
    assert list(archived.target.parent.rglob("x")) == []


async def test_an_absolute_name_is_refused(archived: Archived) -> None:
    planted = archived.target.parent / "x"
    archived.hold_entries((entry(DATABASE), archived.database()), (entry(str(planted)), b"planted"))
    assert str(planted) in archived.refusal()
    assert not planted.exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
@pytest.mark.parametrize("name", [DATABASE, BLOBS, "blobs/ab/blob_x"])
async def test_an_entry_that_is_neither_file_nor_folder_is_refused(archived: Archived, name: str, kind: bytes) -> None:
    secret = archived.target.parent / "secret"
    secret.write_bytes(archived.database())
    others = [] if name == DATABASE else [(entry(DATABASE), archived.database())]
    archived.hold_entries(*others, (entry(name, kind=kind, link=str(secret)), b""))
    assert repr(name) in archived.refusal()


async def test_a_database_that_is_a_folder_is_refused(archived: Archived) -> None:
    archived.hold_entries((entry(DATABASE, kind=tarfile.DIRTYPE), b""))
    assert repr(DATABASE) in archived.refusal()


async def test_a_folder_of_blobs_that_is_a_file_is_refused(archived: Archived) -> None:
    archived.hold_entries((entry(DATABASE), archived.database()), (entry(BLOBS), b"a file"))
    assert repr(BLOBS) in archived.refusal()


async def test_an_archive_without_a_database_is_refused(archived: Archived) -> None:
    archived.hold_entries((entry(BLOBS, kind=tarfile.DIRTYPE), b""))
    assert f"it holds no {DATABASE}" in archived.refusal()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no database " * 1_000,
        made_by("CREATE TABLE notes (text TEXT)"),
        made_by("CREATE TABLE schema_version (version TEXT)"),
        made_by("CREATE TABLE schema_version (version TEXT)", "INSERT INTO schema_version VALUES ('1.2.3')"),
        made_by("CREATE TABLE schema_version (version INTEGER)", "INSERT INTO schema_version VALUES (-1)"),
    ],
    ids=["empty", "none", "another program's", "unversioned", "versioned in words", "versioned below all"],
)
async def test_a_database_of_another_program_is_refused(archived: Archived, content: bytes) -> None:
    archived.hold_entries((entry(DATABASE), content))
    assert str(archived.archive) in archived.refusal()


async def test_a_database_of_a_newer_retinue_is_refused_with_its_version(archived: Archived) -> None:
    with closing(sqlite3.connect(archived.data / DATABASE)) as connection:
        connection.execute("INSERT INTO schema_version VALUES (999)")
        connection.commit()
    archived.archive.unlink()
    back_up(archived.data, archived.archive)
    assert "schema version 999" in archived.refusal()


async def test_a_damaged_database_is_refused(archived: Archived) -> None:
    whole = archived.database()
    archived.hold_entries((entry(DATABASE), whole[:4096] + bytes(4096) + whole[8192:]))
    assert "damaged" in archived.refusal()


# A folder that is not quite empty


async def test_a_refused_archive_leaves_the_blobs_that_were_there(archived: Archived) -> None:
    (archived.target / BLOBS).mkdir(parents=True)
    (archived.target / BLOBS / "kept").write_bytes(b"mine")
    archived.cut(-8)
    with pytest.raises(NotStarted):
        restore(archived.archive, archived.target)
    assert (archived.target / BLOBS / "kept").read_bytes() == b"mine"


async def test_the_log_of_a_database_that_was_deleted_does_not_spoil_the_restored_one(archived: Archived) -> None:
    archived.target.mkdir()
    database = SQLite.open(archived.data / DATABASE)
    other = Thread(id="thread_2", created_at=0, head="branch_2")
    await (await Store.open(database)).scoped("default").threads.insert(other, [])
    shutil.copy(archived.data / f"{DATABASE}-wal", archived.target / f"{DATABASE}-wal")
    await database.close()
    try:
        restore(archived.archive, archived.target)
    except RetinueError:
        return
    with closing(sqlite3.connect(archived.target / DATABASE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT id FROM threads").fetchall() == [(THREAD.id,)]


async def test_a_file_in_the_place_of_the_blobs_is_told(archived: Archived) -> None:
    archived.target.mkdir()
    (archived.target / BLOBS).write_bytes(b"mine")
    with pytest.raises(NotStarted):
        restore(archived.archive, archived.target)
    assert not (archived.target / DATABASE).exists()


async def test_a_restored_folder_can_be_held_at_once(archived: Archived) -> None:
    restore(archived.archive, archived.target)
    with hold(archived.target):
        assert (archived.target / OWNER).exists()
