"""Backups: all that is stored, as one archive that ordinary tools can open.

The database is copied by SQLite's own means, so that a server may go on writing meanwhile. Blobs get a second name (a
hard link) for the time of the backup, so that one that the copied database names is still there when its turn comes,
deleted or not. One that is added after the copy is in nobody's way: what no row names is cleared away at a start.
"""

import contextlib
import gzip
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from retinue.app.folder import BLOBS, DATABASE, hold
from retinue.blobs.folder import PARTIAL
from retinue.core.errors import NotStarted
from retinue.store.files import BLOB_OWNERS
from retinue.store.schema import released

_PIECE = 1 << 20
_PINS = ".retinue-backup"
_LOCK = "backup.lock"
_TRIES = 100  # each is lost only if a file was uploaded and deleted within the moments of the copy


def back_up(data: Path, archive: Path) -> int:
    """Write the data folder into a new archive and return its size in bytes; raises NotStarted if that can't be."""
    if not (data / DATABASE).is_file():
        raise NotStarted(f"There is nothing to back up in {data}. Name the data folder with --data.")
    if archive.exists():
        raise NotStarted(f"{archive} exists already, and a backup overwrites nothing. Choose another name.")
    try:
        with _pins(data) as pins, tempfile.TemporaryDirectory(dir=archive.absolute().parent) as aside:
            copy = Path(aside) / DATABASE
            _copy_with_blobs(data, copy, pins)
            unfinished = Path(aside) / "archive"
            with tarfile.open(unfinished, "w:gz", compresslevel=6) as tar:
                tar.add(copy, DATABASE)
                for blob in pins.iterdir():
                    tar.add(blob, f"{BLOBS}/{blob.name[5:7]}/{blob.name}")
            _sync(unfinished)
            unfinished.rename(archive)
    except OSError as error:
        raise NotStarted(f"The backup could not be written to {archive}: {error.strerror}.") from error
    return archive.stat().st_size


def restore(archive: Path, data: Path) -> None:
    """Unpack an archive into a data folder that is empty or new; raises NotStarted if anything is wrong with either."""
    try:
        with hold(data):
            _check_empty(data)
            with tempfile.TemporaryDirectory(dir=data) as aside:
                _unpack(archive, Path(aside))
                _check_database(Path(aside) / DATABASE, archive)
                if (Path(aside) / BLOBS).is_dir():
                    shutil.rmtree(data / BLOBS, ignore_errors=True)
                    (Path(aside) / BLOBS).rename(data / BLOBS)
                (Path(aside) / DATABASE).rename(data / DATABASE)  # last: a folder without a database is an empty one
    except OSError as error:
        raise NotStarted(f"{archive} could not be restored to {data}: {error.strerror}.") from error


@contextlib.contextmanager
def _pins(data: Path) -> Iterator[Path]:
    """Give a folder for the second names of blobs; clear away what a backup that was killed left of its own."""
    lock = FileLock(data / _LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise NotStarted(f"Another backup of {data} is being made. Wait for its end.") from None
    try:
        pins = data / _PINS
        shutil.rmtree(pins, ignore_errors=True)
        pins.mkdir()
        try:
            yield pins
        finally:
            shutil.rmtree(pins, ignore_errors=True)
    finally:
        lock.release()


def _copy_with_blobs(data: Path, copy: Path, pins: Path) -> None:
    """Copy the database and pin every blob that the copy names."""
    lost: set[str] = set()
    for _ in range(_TRIES):
        _pin(data, pins)  # before: what is deleted during the copy; after: what was added during it
        _copy_database(data / DATABASE, copy)
        _pin(data, pins)
        missing = _named_blobs(copy) - {pin.name for pin in pins.iterdir()}
        if missing <= lost:  # nothing; or what was not there for the copy before this one either
            return
        lost = missing
        copy.unlink()
    raise NotStarted(f"Files come and go too fast in {data}. Try again later.")


def _pin(data: Path, pins: Path) -> None:
    for blob in _whole_blobs(data):
        pin = pins / blob.name
        if pin.exists():
            continue
        try:
            pin.hardlink_to(blob)
        except FileNotFoundError:  # deleted this moment
            continue
        except OSError:  # a file system without links costs a copy
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(blob, pin)


def _named_blobs(database: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            row[0]
            for table in tables.intersection(BLOB_OWNERS)  # older schemas lack some
            for row in connection.execute(f"SELECT blob FROM {table} WHERE blob IS NOT NULL")
        }


def _check_empty(data: Path) -> None:
    """Refuse a folder with anything of ours in it: even a database's log alone would be read into the new one."""
    found = [path.name for path in data.glob(f"{DATABASE}*")]
    found += [path.name for path in (data / BLOBS).rglob("*") if path.is_file()]
    if found:
        raise NotStarted(f"{data} holds {found[0]} already, and a restore overwrites nothing. Choose another folder.")


def _copy_database(source: Path, target: Path) -> None:
    try:
        with (
            contextlib.closing(sqlite3.connect(source)) as database,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            database.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise NotStarted(f"The database {source} could not be copied: {error}.") from error


def _whole_blobs(data: Path) -> list[Path]:
    """The files of blobs that are finished."""
    files = (path for path in (data / BLOBS).rglob("blob_*") if path.is_file())
    return [path for path in files if path.parent.name != PARTIAL]


def _unpack(archive: Path, target: Path) -> None:
    try:
        with gzip.open(archive) as unzipped:
            with tarfile.open(fileobj=unzipped, mode="r:") as tar:
                strange = [entry.name for entry in tar if not _is_ours(entry)]
                if strange:
                    raise NotStarted(f"{archive} is no backup of Retinue: it holds {strange[0]!r}.")
                tar.extractall(target, filter="data")
            while unzipped.read(_PIECE):  # to the end: only there stands the checksum of all
                pass
    except OSError as error:
        raise NotStarted(f"{archive} could not be unpacked: {error.strerror or error}.") from error
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise NotStarted(f"{archive} is damaged: {error}.") from error


def _is_ours(entry: tarfile.TarInfo) -> bool:
    """Whether a backup has such an entry: the database, a file; or something in the folder of blobs."""
    if entry.name == DATABASE:
        return entry.isfile()
    return entry.name.split("/")[0] == BLOBS and (entry.isdir() or (entry.isfile() and entry.name != BLOBS))


def _check_database(database: Path, archive: Path) -> None:
    if not database.is_file():
        raise NotStarted(f"{archive} is no backup of Retinue: it holds no {DATABASE}.")
    try:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            version = connection.execute("SELECT max(version) FROM schema_version").fetchone()[0]
    except sqlite3.Error as error:
        verdict = str(error)
    if verdict != "ok":
        raise NotStarted(f"The database in {archive} is damaged, or none of Retinue's: {verdict}.")
    newest = released()[-1].version
    if not isinstance(version, int) or not 1 <= version <= newest:
        raise NotStarted(f"{archive} has schema version {version}; this Retinue knows versions up to {newest}.")


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
