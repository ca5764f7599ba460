"""The seam itself: writes are whole, ordered, and each stands or falls alone, however many are committed together."""

import asyncio
from typing import Any

import pytest

from retinue.core.errors import AlreadyExists, StoreFault
from retinue.store import Database, Transaction
from retinue.store.base import Work
from store.conftest import Opener


@pytest.fixture
async def notes(database: Database) -> Database:
    """A database with an empty table of notes."""

    await database.write(make_notes)
    return database


async def make_notes(tx: Transaction) -> None:
    await tx.execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL)")


def note(id_: int, text: str = "") -> Work[int]:
    async def work(tx: Transaction) -> int:
        await tx.execute("INSERT INTO notes (id, text) VALUES (?, ?)", id_, text)
        return id_

    return work


async def found(database: Database) -> list[int]:
    async def work(tx: Transaction) -> list[int]:
        return [row[0] for row in await tx.all("SELECT id FROM notes ORDER BY id")]

    return await database.read(work)


async def test_a_write_returns_what_its_work_does(notes: Database) -> None:
    assert await notes.write(note(7)) == 7


async def test_a_read_sees_what_was_awaited_before(notes: Database) -> None:
    for id_ in range(50):
        await notes.write(note(id_))
        assert id_ in await found(notes)


async def test_a_lone_statement_sees_what_was_awaited_before(notes: Database) -> None:
    for id_ in range(50):
        await notes.write(note(id_, f"note {id_}"))
        assert await notes.one("SELECT text FROM notes WHERE id = ?", id_) == (f"note {id_}",)
        assert len(await notes.all("SELECT id FROM notes WHERE id <= ?", id_)) == id_ + 1
    assert await notes.one("SELECT text FROM notes WHERE id = 50") is None


async def test_a_lone_statement_of_which_one_row_is_taken_keeps_no_write_waiting(notes: Database) -> None:
    await asyncio.gather(*(notes.write(note(n)) for n in range(3)))
    assert await notes.one("SELECT id FROM notes ORDER BY id") == (0,)
    await notes.write(note(3))
    assert await notes.one("SELECT max(id) FROM notes") == (3,)


async def test_a_lone_statement_that_can_not_be_answered_fails_in_our_words(notes: Database) -> None:
    with pytest.raises(StoreFault):
        await notes.one("SELECT text FROM nothing")
    with pytest.raises(StoreFault):
        await notes.all("SELECT text FROM nothing")


async def test_of_writes_made_together_those_that_refuse_spoil_no_other(notes: Database) -> None:
    async def refuse(tx: Transaction) -> None:
        await tx.one("SELECT 1")
        raise ValueError("no")

    writes = [notes.write(refuse if n % 3 == 0 else note(n)) for n in range(300)]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(answer, ValueError) for answer in answers[::3])
    assert await found(notes) == [n for n in range(300) if n % 3]


async def test_a_write_that_fails_after_writing_leaves_nothing_and_spoils_no_other(notes: Database) -> None:
    async def fail(tx: Transaction) -> None:
        await note(1_000)(tx)
        raise ValueError("no")

    writes = [notes.write(fail if n == 150 else note(n)) for n in range(300)]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [answer for answer in answers if isinstance(answer, Exception)] == [answers[150]]
    assert isinstance(answers[150], ValueError)
    assert await found(notes) == [n for n in range(300) if n != 150]


async def test_a_key_that_is_taken_is_told_to_its_own_writer_alone(notes: Database) -> None:
    writes = [notes.write(note(n // 2)) for n in range(20)]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(answer) for answer in answers] == [int, AlreadyExists] * 10


async def test_a_statement_that_makes_no_sense_is_a_fault_of_the_store(notes: Database) -> None:
    async def nonsense(tx: Transaction) -> None:
        await tx.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StoreFault):
        await notes.write(nonsense)
    with pytest.raises(StoreFault):
        await notes.read(nonsense)
    assert await notes.write(note(1)) == 1
    assert await found(notes) == [1]


async def test_writes_nobody_awaits_take_effect_in_the_order_they_were_made(notes: Database) -> None:
    def append(letter: str) -> Work[int]:
        async def work(tx: Transaction) -> int:
            return await tx.execute("UPDATE notes SET text = text || ?", letter)

        return work

    letters = "abcdefghijklmnopqrstuvwxyz" * 40
    unawaited = [notes.write(note(1))]
    unawaited += [notes.write(append(letter)) for letter in letters]

    async def read(tx: Transaction) -> object:
        row = await tx.one("SELECT text FROM notes")
        return row and row[0]

    assert await notes.write(read) == letters
    await asyncio.gather(*unawaited)


async def test_a_write_whose_caller_went_away_stands(notes: Database) -> None:
    writing = asyncio.ensure_future(notes.write(note(1)))
    writing.cancel()
    await notes.write(note(2))
    assert await found(notes) == [1, 2]


async def test_a_unit_of_work_that_awaits_something_else_is_refused(notes: Database) -> None:
    async def dawdle(tx: Transaction) -> None:
        await note(1)(tx)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="awaited something other than its transaction"):
        await notes.write(dawdle)
    assert await found(notes) == []


async def test_a_read_that_fails_leaves_the_next_one_working(notes: Database) -> None:
    async def fail(tx: Transaction) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await notes.read(fail)
    assert await found(notes) == []


async def test_closing_finishes_the_writes_under_way(opener: Opener) -> None:
    database = await opener()
    making = asyncio.ensure_future(database.write(make_notes))
    writes = [asyncio.ensure_future(database.write(note(n))) for n in range(2_000)]
    await database.close()
    again = await opener()
    assert await found(again) == list(range(2_000))
    await again.close()
    await asyncio.gather(making, *writes)


async def test_a_write_after_the_close_is_refused(opener: Opener) -> None:
    database = await opener()
    await database.close()
    with pytest.raises(StoreFault, match="closed"):
        await database.write(make_notes)


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "\0\ufdd0", "\ufdd00", "\ufdd0\ufdd01", "\U0001f98a", "' ? $1"])
async def test_every_text_is_found_and_read_back(notes: Database, text: str) -> None:
    async def look(tx: Transaction) -> list[tuple[object, ...]]:
        return await tx.all("SELECT text FROM notes WHERE text = ?", text)

    for id_, other in enumerate(["\0", "a\0b", "\ufdd0", "\ufdd00", "\ufdd01", "other"]):
        if other != text:
            await notes.write(note(id_, other))
    await notes.write(note(7, text))
    assert await notes.read(look) == [(text,)]


async def test_numbers_come_as_what_they_are(notes: Database) -> None:
    async def work(tx: Transaction) -> Any:
        await tx.execute(f"CREATE TABLE measured (n BIGINT, at {notes.words['real']})")
        await tx.execute("INSERT INTO measured (n, at) VALUES (?, ?)", 3, 1)
        await tx.execute("INSERT INTO measured (n, at) VALUES (?, ?)", 4.0, 2.5)
        await tx.execute("INSERT INTO measured (n, at) VALUES (?, ?)", None, None)
        return await tx.one("SELECT sum(n), count(*), sum(at), max(n), max(at) FROM measured WHERE n > ?", 2.0)

    answer = await notes.write(work)
    assert answer == (7, 2, 3.5, 4, 2.5)
    assert [type(value) for value in answer] == [int, int, float, int, float]


async def test_a_change_tells_how_many_rows_it_changed(notes: Database) -> None:
    async def work(tx: Transaction) -> list[int]:
        counts = [
            await tx.execute("INSERT INTO notes (id, text) VALUES (?, '') ON CONFLICT DO NOTHING", n) for n in (1, 1, 2)
        ]
        return [
            *counts,
            await tx.execute("UPDATE notes SET text = ''"),
            await tx.execute("DELETE FROM notes WHERE id = 3"),
        ]

    assert await notes.write(work) == [1, 0, 1, 2, 0]


async def test_a_read_sees_one_moment_while_others_write(notes: Database) -> None:
    async def look_again_and_again(tx: Transaction) -> set[int]:
        return {len(await tx.all("SELECT id FROM notes")) for _ in range(50)}

    async def write() -> None:
        for n in range(50):
            await notes.write(note(n))

    writing = asyncio.create_task(write())
    while not writing.done():
        assert len(await notes.read(look_again_and_again)) == 1
        await asyncio.sleep(0)
