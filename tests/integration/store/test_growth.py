"""No answer costs more because its table is long: what SQLite does in a large database beside a small one."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from retinue.core.history import RunChange
from retinue.core.job import Job
from retinue.core.key import Key
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.store import Scope, Store, Transaction
from retinue.store.sqlite import SQLite
from store import rows
from store.machine import counted, multiply

SMALL, LARGE = 200, 100_000
"""Messages of a thread."""
MANY = 10_000
"""Rows of each other kind, at most."""
MOST = 1.5
"""Times the instructions in the small database."""

LONG = "thread_long"
"""A thread of many messages, of which a run has said 25, all over it."""
RUNS = "thread_runs"
"""A thread of many runs that failed at once."""


async def seed(store: Store) -> None:
    """One row of each kind that there are to be many of, and some of which there is one."""
    scope = store.scoped("default")
    await scope.assistants.insert(rows.assistant("asst_#"))
    await scope.files.insert(rows.file("file-#"))
    await scope.threads.insert(rows.thread("thread_#"))
    await scope.threads.insert(rows.thread(LONG), [rows.message(id_, of=LONG) for id_ in ("gone_#", "msg_#")])
    await scope.messages.delete(LONG, "gone_#")
    await scope.threads.insert(rows.thread(RUNS), [rows.message("msg_runs", of=RUNS)])
    many, long = rows.run("run_#", of=RUNS), rows.run("run_steps", of=RUNS)
    await scope.runs.create(many)
    await scope.runs.commit(rows.ended(many))
    await scope.runs.create(long)
    await scope.runs.commit(RunChange(run=rows.ended(long).run, steps=(rows.step("step_#", of="run_steps"),)))
    await store.jobs.add(Job(kind="k", project="default", key="job_#", due=rows.NOW))
    await store.keys.insert(key("key_#"), "hash_#")


def key(id_: str) -> Key:
    return Key(id=id_, name="", project="default", created_at=rows.NOW, shown="sk-")


def grow(size: int) -> Callable[[Transaction], Coroutine[Any, Any, None]]:
    async def work(tx: Transaction) -> None:
        many = min(size, MANY)
        for table in ("assistants", "files", "threads", "runs", "steps"):
            await multiply(tx, table, many, growing=("created_at",))
        await multiply(tx, "jobs", many, by="key", growing=("due",))
        await multiply(tx, "keys", many)
        await multiply(tx, "tombstones", size, growing=("major",))
        await multiply(tx, "items", size, growing=("position",))
        longer = "next_position = next_position + ?, items = items + ?"  # and has room for more messages, as it happens
        await tx.execute(f"UPDATE branches SET {longer} WHERE thread = ?", size, size, LONG)
        await tx.execute("UPDATE items SET run = 'run_said' WHERE id LIKE 'msg_0%' AND position % ? = 7", size // 25)

    return work


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("growth")

    async def make(size: int) -> Path:
        path = folder / f"{size}.db"
        database = SQLite.open(path, synchronous="normal")
        await seed(await Store.open(database))
        await database.write(grow(size))
        await database.close()
        return path

    return {size: asyncio.run(make(size)) for size in (SMALL, LARGE)}


class Place:
    """A store of some size, and ids at some depth in its lists."""

    def __init__(self, store: Store, size: int) -> None:
        self.store, self.size = store, size
        self.scope = store.scoped("default")

    def at(self, kind: str, part: float) -> str:
        count = self.size if kind in ("msg_", "gone_") else min(self.size, MANY)
        return f"{kind}{int(count * part):06}"


Ask = Callable[[Place], Awaitable[Any]]
Lister = Callable[[Scope, PageQuery], Awaitable[Any]]

LISTS: dict[str, tuple[str, Lister]] = {
    "messages": ("msg_", lambda scope, query: scope.messages.list(LONG, query)),
    "messages of a run": ("msg_", lambda scope, query: scope.messages.list(LONG, query, run_id="run_said")),
    "messages of a run without any": ("msg_", lambda scope, query: scope.messages.list(LONG, query, run_id="none")),
    "runs": ("run_", lambda scope, query: scope.runs.list(RUNS, query)),
    "steps": ("step_", lambda scope, query: scope.steps.list("run_steps", query)),
    "files": ("file-", lambda scope, query: scope.files.list(query)),
    "files of a purpose": ("file-", lambda scope, query: scope.files.list(query, purpose="assistants")),
    "assistants": ("asst_", lambda scope, query: scope.assistants.list(query)),
    "threads": ("thread_", lambda scope, query: scope.threads.list(query)),
}

QUERIES: dict[str, Callable[[Callable[[float], str]], PageQuery]] = {
    "newest": lambda at: PageQuery(order="desc"),
    "oldest": lambda at: PageQuery(order="asc"),
    "after, desc": lambda at: PageQuery(order="desc", after=at(0.5)),
    "after, asc": lambda at: PageQuery(order="asc", after=at(0.5)),
    "before, desc": lambda at: PageQuery(order="desc", before=at(0.5)),
    "before, asc": lambda at: PageQuery(order="asc", before=at(0.5)),
    "between, desc": lambda at: PageQuery(order="desc", after=at(0.75), before=at(0.25)),
    "between, asc": lambda at: PageQuery(order="asc", after=at(0.25), before=at(0.75)),
}

OTHERS: dict[str, Ask] = {
    "a message": lambda p: p.scope.messages.get(LONG, p.at("msg_", 0.4)),
    "files of a purpose without any": lambda p: p.scope.files.list(PageQuery(), purpose="vision"),
    "a list from a deleted message on": lambda p: p.scope.messages.list(LONG, PageQuery(after=p.at("gone_", 0.4))),
    "a window": lambda p: window(p.scope, before=p.size // 2),
    "the turn before": lambda p: p.scope.turns.manifest_before(rows.run("run_new", of=RUNS, at=rows.NOW + 1e6)),
    "a run": lambda p: p.scope.runs.get(RUNS, p.at("run_", 0.5)),
    "a run's history": lambda p: p.scope.runs.history(p.at("run_", 0.5)),
    "appending a message": lambda p: p.scope.messages.append(LONG, rows.message("msg_new", of=LONG)),
    "changing a message": lambda p: p.scope.messages.set_metadata(LONG, p.at("msg_", 0.3), {"a": "b"}),
    "deleting a message": lambda p: p.scope.messages.delete(LONG, p.at("msg_", 0.6)),
    "a whole run": lambda p: run(p.scope),
    "forking near the end": lambda p: p.scope.threads.fork(LONG, after=p.size - 5),
    "deleting a short thread": lambda p: brief(p.scope),
    "deleting a file": lambda p: p.scope.files.delete(p.at("file-", 0.5)),
    "deleting an assistant": lambda p: p.scope.assistants.delete(p.at("asst_", 0.5)),
    "runs to take up": lambda p: p.store.unfinished_runs(),
    "blobs without owners": lambda p: p.store.unowned_blobs([p.at("blob_of_file-", 0.7), "lost"]),
    "when the next job is due": lambda p: p.store.jobs.next_due("k"),
    "jobs that are due": lambda p: p.store.jobs.lease({"k": 100}, now=rows.NOW + 20, seconds=60),
    "a key": lambda p: p.store.keys.look_up(p.at("hash_", 0.5)),
    "no key": lambda p: p.store.keys.look_up("hash"),
}


async def window(scope: Scope, *, before: int) -> None:
    await scope.messages.window(await scope.messages.branch(f"branch_of_{LONG}"), before=before, limit=20)


async def run(scope: Scope) -> None:
    new = rows.run("run_new", of=LONG, at=rows.NOW + 1e6)
    await scope.runs.create(new, [rows.message("asked", of=LONG)])
    said = rows.message("said", of=LONG, role="assistant", run_id=new.id)
    started = rows.moved(new, Status.IN_PROGRESS)
    await scope.runs.commit(RunChange(run=started))
    await scope.runs.commit(RunChange(run=started, steps=(rows.step("step_new", of=new.id),), items=(said,)))
    await scope.runs.commit(RunChange(run=rows.ended(new).run, items=(said,), turn=rows.turn(of=new.id)))


async def brief(scope: Scope) -> None:
    await scope.threads.insert(rows.thread("brief"), [rows.message("msg_brief", of="brief")])
    await scope.threads.delete("brief")


async def instructions(databases: dict[int, Path], size: int, ask: Ask) -> int:
    database = SQLite.open(databases[size], synchronous="normal")
    place = Place(await Store.open(database), size)
    with counted(database) as count:
        await ask(place)
    await database.close()
    return count.instructions


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", LISTS)
async def test_a_page_costs_the_same_in_a_long_list(databases: dict[int, Path], name: str, query: str) -> None:
    kind, lister = LISTS[name]

    def ask(place: Place) -> Awaitable[Any]:
        return lister(place.scope, QUERIES[query](lambda part: place.at(kind, part)))

    small, large = [await instructions(databases, size, ask) for size in (SMALL, LARGE)]
    assert large <= small * MOST


@pytest.mark.parametrize("name", OTHERS)
async def test_an_answer_costs_the_same_in_a_large_database(databases: dict[int, Path], name: str) -> None:
    small, large = [await instructions(databases, size, OTHERS[name]) for size in (SMALL, LARGE)]
    assert large <= small * MOST
