"""The write-ahead log is moved beside the writes, whoever reads from it meanwhile."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from retinue.store.sqlite import SQLite, checkpoints
from retinue.store.sqlite.connection import connect
from store.test_writes import found, make_notes, note

BOUND = 1 << 18


class Moves:
    """What the connection that moves the log was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def connect(self, *args: Any) -> sqlite3.Connection:
        connection = connect(*args)
        connection.set_trace_callback(self.told.append)
        return connection

    @property
    def cuts(self) -> int:
        return sum("TRUNCATE" in told for told in self.told)


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> Moves:
    made = Moves()
    monkeypatch.setattr(checkpoints, "connect", made.connect)
    monkeypatch.setattr(checkpoints, "_CHECKPOINT_UNITS", 1)
    monkeypatch.setattr(checkpoints, "_TRUNCATE_BYTES", BOUND)
    monkeypatch.setattr(checkpoints, "_PATIENCE_MS", 10)
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "retinue.db"


@pytest.fixture
async def notes(path: Path, moves: Moves) -> AsyncIterator[SQLite]:
    database = SQLite.open(path, synchronous="normal")
    await database.write(make_notes)
    yield database
    await database.close()


@pytest.fixture
def reader(path: Path, notes: SQLite) -> Iterator[sqlite3.Connection]:
    """Another process that looks at what there is now, as a backup does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM notes").fetchone()
        yield connection


async def test_a_reader_that_holds_on_to_the_log_fails_no_write(notes: SQLite, reader: sqlite3.Connection) -> None:
    for n in range(200):
        await notes.write(note(n, "x" * 8_000))
    assert await found(notes) == list(range(200))


async def test_a_log_that_can_not_be_cut_off_is_left_alone_until_it_has_grown_as_much_again(
    path: Path, notes: SQLite, reader: sqlite3.Connection, moves: Moves
) -> None:
    for n in range(200):
        await notes.write(note(n, "x" * 8_000))
    assert 0 < moves.cuts <= path.with_name("retinue.db-wal").stat().st_size / BOUND


async def test_the_log_is_cut_off_at_the_end(path: Path, notes: SQLite, reader: sqlite3.Connection) -> None:
    for n in range(100):
        await notes.write(note(n, "x" * 8_000))
    reader.execute("COMMIT")
    await notes.close()
    wal = path.with_name("retinue.db-wal")
    assert not wal.exists() or wal.stat().st_size == 0
