"""Where SQLite's writer does what: groups on the event loop's thread, what waits or takes long on its own."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from retinue.core.errors import AlreadyExists, StoreUnavailable
from retinue.store import Transaction
from retinue.store.base import Work
from retinue.store.sqlite import SQLite, Synchronous, groups, writer
from retinue.store.sqlite.connection import connect
from store.test_writes import found, make_notes, note

MAIN = threading.current_thread().name


class Trace:
    """What the connection that writes was told, and on which thread."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def connect(self, *args: Any) -> sqlite3.Connection:
        connection = connect(*args)
        connection.set_trace_callback(lambda sql: self.told.append((sql, threading.current_thread().name)))
        return connection

    def threads_of(self, sql: str) -> list[str]:
        return [thread for told, thread in self.told if told.startswith(sql)]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group is as large as it may be, however slow the machine is."""
    monkeypatch.setattr(writer, "_HOLD_S", 10.0)


@pytest.fixture
def trace(monkeypatch: pytest.MonkeyPatch) -> Trace:
    traced = Trace()
    monkeypatch.setattr(groups, "connect", traced.connect)
    return traced


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "retinue.db"


@pytest.fixture(params=["normal", "full"])
async def notes(request: pytest.FixtureRequest, path: Path, trace: Trace) -> AsyncIterator[SQLite]:
    """A database with an empty table of notes."""
    database = await opened(path, request.param)
    trace.told.clear()
    yield database
    await database.close()


async def opened(path: Path, synchronous: Synchronous) -> SQLite:
    database = SQLite.open(path, synchronous=synchronous)
    await database.write(make_notes)  # the first commit begins the log, and waits for the disk
    return database


async def test_writes_of_one_round_of_the_loop_share_a_commit(notes: SQLite, trace: Trace) -> None:
    await asyncio.gather(*(notes.write(note(n)) for n in range(50)))
    assert len(trace.threads_of("COMMIT")) == 1


async def test_statements_run_where_the_loop_runs(notes: SQLite, trace: Trace) -> None:
    await notes.write(note(1))
    assert trace.threads_of("INSERT") == [MAIN]


@pytest.mark.parametrize(("synchronous", "thread"), [("normal", MAIN), ("full", "sqlite-writer")])
async def test_the_loop_does_not_wait_for_the_disk(
    path: Path, trace: Trace, synchronous: Synchronous, thread: str
) -> None:
    database = await opened(path, synchronous)
    trace.told.clear()
    await database.write(note(1))
    assert trace.threads_of("COMMIT") == [thread]
    await database.close()


async def test_a_group_without_a_change_does_not_wait_for_the_disk(notes: SQLite, trace: Trace) -> None:
    async def look(tx: Transaction) -> object:
        return await tx.one("SELECT count(*) FROM notes")

    await notes.write(look)
    assert trace.threads_of("COMMIT") == [MAIN]


async def test_a_commit_that_begins_the_log_anew_does_not_hold_the_loop(path: Path, trace: Trace) -> None:
    database = SQLite.open(path, synchronous="normal")
    await database.write(make_notes)
    assert trace.threads_of("COMMIT") == ["sqlite-writer"]
    await database.close()


async def test_a_long_unit_does_not_hold_the_loop(notes: SQLite, trace: Trace) -> None:
    go = threading.Event()

    async def dawdle(tx: Transaction) -> bool:
        await note(1)(tx)
        return go.wait(timeout=10)

    dawdling = asyncio.ensure_future(notes.write(dawdle, long=True))
    later = asyncio.ensure_future(notes.write(note(2)))
    await some_rounds()
    assert not later.done()
    go.set()
    assert await dawdling
    await later
    assert trace.threads_of("INSERT") == ["sqlite-writer", MAIN]


async def test_long_units_keep_their_place_among_the_others(notes: SQLite) -> None:
    def append(letter: str) -> Work[int]:
        async def work(tx: Transaction) -> int:
            return await tx.execute("UPDATE notes SET text = text || ?", letter)

        return work

    await notes.write(note(1))
    await asyncio.gather(*(notes.write(append(letter), long=letter in "cdg") for letter in "abcdefgh"))

    async def read(tx: Transaction) -> object:
        return await tx.one("SELECT text FROM notes")

    assert await notes.read(read) == ("abcdefgh",)


async def test_a_group_that_takes_long_lets_the_loop_go_on_between_its_parts(
    notes: SQLite, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_HOLD_S", 0.0)
    await asyncio.gather(*(notes.write(note(n)) for n in range(5)))
    assert len(trace.threads_of("COMMIT")) == 5
    assert await found(notes) == list(range(5))


async def test_another_process_that_writes_is_waited_for_beside_the_loop(notes: SQLite, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO notes (id, text) VALUES (1, '')")
        writing = [asyncio.ensure_future(notes.write(note(n))) for n in (2, 3)]
        await some_rounds()
        assert not any(written.done() for written in writing)
        other.execute("COMMIT")
    await asyncio.gather(*writing)
    assert await found(notes) == [1, 2, 3]


async def test_a_lock_that_is_not_let_go_is_waited_for_once_however_many_write(
    notes: SQLite, path: Path, trace: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "BUSY_MS", 20)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(*(notes.write(note(n)) for n in range(50)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreUnavailable}
    assert trace.threads_of("BEGIN") == [MAIN, "sqlite-writer"]
    await notes.write(note(1))
    assert await found(notes) == [1]


async def test_a_refusal_before_anything_changed_repeats_nothing(notes: SQLite, trace: Trace) -> None:
    await notes.write(note(1))

    async def refuse(tx: Transaction) -> None:
        if not await tx.execute("UPDATE notes SET text = 'x' WHERE id = 7"):
            raise ValueError("no")

    outcomes = await asyncio.gather(
        notes.write(note(2)), notes.write(refuse), notes.write(note(1)), notes.write(note(3)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [int, ValueError, AlreadyExists, int]
    assert trace.threads_of("ROLLBACK") == []
    assert await found(notes) == [1, 2, 3]


async def test_a_spoiled_group_is_run_again_beside_the_loop(notes: SQLite, trace: Trace) -> None:
    async def fail(tx: Transaction) -> None:
        await note(2)(tx)
        raise ValueError("no")

    outcomes = await asyncio.gather(
        notes.write(note(1)), notes.write(note(3)), notes.write(fail), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [int, int, ValueError]
    assert set(trace.threads_of("COMMIT")) == {"sqlite-writer"}
    assert await found(notes) == [1, 3]


async def some_rounds() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
