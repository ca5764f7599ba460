"""A thread that is rewound again and again grows by the same with every rewind, and so does what is done with it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from retinue.core.paging import PageQuery
from retinue.store import Scope, Store
from retinue.store.sqlite import SQLite
from store import rows
from store.machine import counted

FEW, MANY = 200, 1_000
"""Rewinds of a thread."""
BYTES = 2_500
"""Of a rewind: its branch, and the two short messages before it."""
DEEP = 100
"""So many of them go on from what was said after the last; the others take back what was said since, once more."""
MOST = 1.2
"""Times what is expected."""

ONCE: dict[str, Callable[[Scope], Awaitable[Any]]] = {
    "a page": lambda scope: scope.messages.list("thread_1", PageQuery(limit=100)),
    "appending a message": lambda scope: scope.messages.append("thread_1", rows.message("msg_new")),
    "rewinding": lambda scope: scope.threads.rewind("thread_1", f"kept_{DEEP // 2}", keep=True),
}
OF_EACH_BRANCH: dict[str, Callable[[Scope], Awaitable[Any]]] = {
    "deleting a message that all have": lambda scope: scope.messages.delete("thread_1", "msg_0"),
    "deleting the thread": lambda scope: scope.threads.delete("thread_1"),
}


async def rewind_often(scope: Scope, times: int) -> None:
    await scope.threads.insert(rows.thread(), [rows.message("msg_0")])
    for number in range(times):
        if number < DEEP:
            await scope.messages.append("thread_1", rows.message(f"kept_{number}"))
        await scope.messages.append("thread_1", rows.message(f"left_{number}"))
        await scope.threads.rewind("thread_1", f"kept_{min(number, DEEP - 1)}", keep=True)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("branches")

    async def make(times: int) -> Path:
        database = SQLite.open(path := folder / f"{times}.db", synchronous="normal")
        await rewind_often((await Store.open(database)).scoped("default"), times)
        await database.close()
        return path

    return {times: asyncio.run(make(times)) for times in (FEW, MANY)}


async def instructions(path: Path, tmp_path: Path, ask: Callable[[Scope], Awaitable[Any]]) -> int:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    database = SQLite.open(copy, synchronous="normal")
    scope = (await Store.open(database)).scoped("default")
    with counted(database) as count:
        await ask(scope)
    await database.close()
    return count.instructions


@pytest.mark.parametrize("name", ONCE)
async def test_an_answer_costs_the_same_after_many_rewinds(
    databases: dict[int, Path], tmp_path: Path, name: str
) -> None:
    few, many = [await instructions(databases[times], tmp_path, ONCE[name]) for times in (FEW, MANY)]
    assert many <= few * MOST


@pytest.mark.parametrize("name", OF_EACH_BRANCH)
async def test_what_is_done_to_every_branch_costs_the_same_for_each(
    databases: dict[int, Path], tmp_path: Path, name: str
) -> None:
    few, many = [await instructions(databases[times], tmp_path, OF_EACH_BRANCH[name]) for times in (FEW, MANY)]
    assert many / MANY <= few / FEW * MOST


def test_every_rewind_stores_as_much_as_another(databases: dict[int, Path]) -> None:
    few, many = [databases[times].stat().st_size for times in (FEW, MANY)]
    assert many - few < BYTES * (MANY - FEW)


async def test_a_message_of_many_branches_is_not_deleted_on_the_event_loop(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "retinue.db", synchronous="normal")
    scope = (await Store.open(database)).scoped("default")
    await rewind_often(scope, 3)
    threads: set[int] = set()
    database._writer._groups._connection.set_trace_callback(lambda _: threads.add(threading.get_ident()))
    await scope.messages.delete("thread_1", "msg_0")
    assert threads
    assert threading.get_ident() not in threads
    await database.close()


async def test_a_page_asks_only_the_segments_that_it_may_be_on(databases: dict[int, Path]) -> None:
    database = SQLite.open(databases[FEW], synchronous="normal")
    scope = (await Store.open(database)).scoped("default")
    asked: list[str] = []
    database._reader.set_trace_callback(asked.append)
    await scope.messages.list("thread_1", PageQuery(limit=1, after="kept_1"))
    await database.close()
    assert len(asked) < DEEP // 10
