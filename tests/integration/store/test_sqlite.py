"""What SQLite does besides the contract: its query plans, a full disk, and a process that is killed."""

import asyncio
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import Any

import pytest

from retinue.core.errors import StoreFault, StoreFull
from retinue.core.history import RunChange
from retinue.core.item import Text
from retinue.core.job import Job
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.store import Scope, Store, Transaction
from retinue.store.base import Reader, Row, T, Value, Work
from retinue.store.sqlite import SQLite
from store import rows

PAGE = PageQuery(limit=20, after="id_1")


class _Noting:
    """Answers as the reader beneath does, and notes each statement with SQLite's plan for it."""

    def __init__(self, reader: Reader, plans: list[tuple[str, str]]) -> None:
        self._reader, self.plans = reader, plans

    async def _note(self, sql: str, values: tuple[Value, ...]) -> None:
        if not sql.startswith(("CREATE", "INSERT")):
            steps = await self._reader.all(f"EXPLAIN QUERY PLAN {sql}", *values)
            self.plans.extend((sql, str(step[3])) for step in steps)

    async def one(self, sql: str, *values: Value) -> Row | None:
        await self._note(sql, values)
        return await self._reader.one(sql, *values)

    async def all(self, sql: str, *values: Value) -> list[Row]:
        await self._note(sql, values)
        return await self._reader.all(sql, *values)


class Planned(_Noting):
    """A Database that notes each statement."""

    def __init__(self, database: SQLite) -> None:
        super().__init__(database, [])
        self._database = database
        self.words = database.words

    def alone(self) -> AbstractAsyncContextManager[object]:
        return self._database.alone()

    async def keep_copy(self, name: str) -> None:
        await self._database.keep_copy(name)

    async def read(self, work: Work[T]) -> T:
        return await self._database.read(self._noting(work))

    async def write(self, work: Work[T], *, long: bool = False) -> T:
        return await self._database.write(self._noting(work), long=long)

    async def close(self) -> None:
        await self._database.close()

    def _noting(self, work: Work[T]) -> Work[T]:
        async def noting(tx: Transaction) -> T:
            return await work(_NotingTransaction(tx, self.plans))

        return noting


class _NotingTransaction(_Noting):
    def __init__(self, tx: Transaction, plans: list[tuple[str, str]]) -> None:
        super().__init__(tx, plans)
        self._tx = tx

    async def execute(self, sql: str, *values: Value) -> int:
        await self._note(sql, values)
        return await self._tx.execute(sql, *values)


@pytest.fixture
async def planned(tmp_path: Path) -> AsyncIterator[tuple[Planned, Store]]:
    database = Planned(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    store = await Store.open(database)
    scope = store.scoped("default")
    for n in range(5):
        await scope.assistants.insert(rows.assistant(f"id_{n}"))
    await scope.threads.insert(rows.thread(), [rows.message(f"id_{n}") for n in range(5)])
    for n in range(5):
        run = rows.run(f"id_{n}")
        await scope.runs.create(run)
        await scope.runs.commit(RunChange(run=rows.ended(run).run, steps=(rows.step(f"id_{n}", of="id_1"),)))
    await scope.runs.create(rows.run("live"))
    database.plans.clear()
    yield database, store
    await database.close()


async def window(scope: Scope) -> None:
    branch = await scope.messages.branch("branch_of_thread_1")
    await scope.messages.window(branch, before=3, limit=20)


HOT: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "assistants": lambda s: s.scoped("default").assistants.list(PAGE),
    "messages": lambda s: s.scoped("default").messages.list("thread_1", PAGE),
    "messages of a run": lambda s: s.scoped("default").messages.list("thread_1", PAGE, run_id="id_1"),
    "window": lambda s: window(s.scoped("default")),
    "the turn before a run": lambda s: s.scoped("default").turns.manifest_before(rows.run("live")),
    "runs": lambda s: s.scoped("default").runs.list("thread_1", PAGE),
    "steps": lambda s: s.scoped("default").steps.list("id_1", PAGE),
    "a run": lambda s: s.scoped("default").runs.get("thread_1", "id_1"),
    "a run's history": lambda s: s.scoped("default").runs.history("id_1"),
    "commit": lambda s: s.scoped("default").runs.commit(
        RunChange(run=rows.moved(rows.run("live"), Status.IN_PROGRESS), items=(rows.message("new", run_id="live"),))
    ),
    "deleting a message": lambda s: s.scoped("default").messages.delete("thread_1", "id_1"),
    "deleting a thread": lambda s: s.scoped("default").threads.delete("thread_1"),
    "forking a thread": lambda s: s.scoped("default").threads.fork("thread_1", after=2),
    "unfinished runs": lambda s: s.unfinished_runs(),
    "next job": lambda s: s.jobs.next_due(),
    "jobs that are due": lambda s: s.jobs.lease(now=rows.NOW + 1_000, seconds=60, limit=100),
}


@pytest.mark.parametrize("name", [name for name in HOT if name not in ("next job", "unfinished runs")])
async def test_hot_statements_read_no_whole_table(planned: tuple[Planned, Store], name: str) -> None:
    database, store = planned
    await HOT[name](store)
    assert database.plans
    assert [(sql, step) for sql, step in database.plans if "SCAN" in step] == []


@pytest.mark.parametrize("name", ["next job", "unfinished runs"])
async def test_statements_over_all_projects_read_an_index(planned: tuple[Planned, Store], name: str) -> None:
    database, store = planned
    await HOT[name](store)
    assert [step for _, step in database.plans if not re.search("USING (COVERING )?INDEX", step)] == []


@pytest.mark.parametrize("name", ["assistants", "messages", "runs", "steps", "window"])
async def test_pages_are_not_sorted(planned: tuple[Planned, Store], name: str) -> None:
    database, store = planned
    await HOT[name](store)
    assert [step for _, step in database.plans if "TEMP B-TREE" in step] == []


async def set_max_pages(database: SQLite, pages: int) -> None:
    """Bound the file's size, on the connection that writes."""

    async def work(tx: Transaction) -> None:
        await tx.one(f"PRAGMA max_page_count = {pages}")

    await database.write(work)


async def page_count(database: SQLite) -> int:
    async def work(tx: Transaction) -> int:
        row = await tx.one("PRAGMA page_count")
        return int(row[0]) if row else 0

    return await database.write(work)


async def test_a_full_disk_refuses_the_write_and_nothing_of_it_stays(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "retinue.db")
    scope = (await Store.open(database)).scoped("default")
    await scope.threads.insert(rows.thread())
    await set_max_pages(database, await page_count(database) + 2)
    small = rows.message("msg_small")
    large = rows.message("msg_large", content=(Text("x" * 200_000),))
    with pytest.raises(StoreFull, match=r"full\. Make room"):
        await scope.runs.create(rows.run(), [small, large])
    assert (await scope.messages.list("thread_1", PageQuery())).data == []
    assert (await scope.runs.list("thread_1", PageQuery())).data == []
    await set_max_pages(database, 1_000_000)
    await scope.runs.create(rows.run(), [small, large])
    assert len((await scope.messages.list("thread_1", PageQuery())).data) == 2
    await database.close()


async def test_a_full_disk_does_not_spoil_a_small_write_made_together_with_a_large_one(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "retinue.db")
    store = await Store.open(database)
    await store.scoped("default").threads.insert(rows.thread())
    await set_max_pages(database, await page_count(database) + 8)

    def insert(id_: str, text: str) -> Work[None]:
        async def work(tx: Transaction) -> None:
            await tx.execute("INSERT INTO threads (project, id, created_at, body) VALUES ('p', ?, 0, ?)", id_, text)

        return work

    writes = [database.write(insert(f"t{n}", "x" * (200_000 if n == 1 else 10))) for n in range(3)]
    outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), StoreFull, type(None)]
    await database.close()


STORM = """
import asyncio, sys
from pathlib import Path
from retinue.core.item import Text
from retinue.store import Store
from retinue.store.sqlite import SQLite
from store import rows

async def write(scope, worker):
    for n in range(1_000_000):
        id_ = f"{worker}_{n}"
        await scope.threads.insert(rows.thread(id_), [rows.message(f"msg_{id_}", of=id_, content=(Text("x" * 500),))])
        await scope.runs.create(rows.run(f"run_{id_}", of=id_))
        print(id_, flush=True)

async def main():
    database = SQLite.open(Path(sys.argv[1]))
    scope = (await Store.open(database)).scoped("default")
    await asyncio.gather(*(write(scope, worker) for worker in range(20)))

asyncio.run(main())
"""


async def test_a_killed_process_leaves_all_that_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "retinue.db"
    acknowledged: list[str] = []
    command = [sys.executable, "-c", STORM, str(path)]
    here = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, text=True) as storm:
        assert storm.stdout is not None
        for line in storm.stdout:
            acknowledged.append(line.strip())
            if len(acknowledged) == 2_000:
                storm.send_signal(signal.SIGKILL)
        storm.wait()
    whole = list(acknowledged[:-1])  # the last line may be cut
    database = SQLite.open(path)
    store = await Store.open(database)
    scope = store.scoped("default")
    for id_ in whole:
        assert [m.id for m in (await scope.messages.list(id_, PageQuery())).data] == [f"msg_{id_}"]
        assert (await scope.runs.get(id_, f"run_{id_}")).status is Status.QUEUED
    assert {run for _, run in await store.unfinished_runs()} >= {f"run_{id_}" for id_ in whole}
    await database.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_commits_are_synced_to_the_disk_unless_told_otherwise(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "retinue.db")

    async def synchronous(tx: Transaction) -> Any:
        row = await tx.one("PRAGMA synchronous")
        return row and row[0]

    assert await database.write(synchronous) == 2  # FULL
    await database.close()


async def test_a_file_that_is_no_database_is_a_fault_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "retinue.db").write_bytes(b"no database at all, " * 500)
    with pytest.raises(StoreFault):
        SQLite.open(tmp_path / "retinue.db")


async def test_many_jobs_are_leased_a_batch_at_a_time(tmp_path: Path) -> None:
    database = SQLite.open(tmp_path / "retinue.db", synchronous="normal")
    store = await Store.open(database)
    for n in range(250):
        await store.jobs.add(Job(kind="k", project="p", key=str(n), due=float(n)))
    batches = [await store.jobs.lease(now=1_000, seconds=60, limit=100) for _ in range(4)]
    assert [len(batch) for batch in batches] == [100, 100, 50, 0]
    assert [job.key for batch in batches for job in batch] == [str(n) for n in range(250)]
    await database.close()
