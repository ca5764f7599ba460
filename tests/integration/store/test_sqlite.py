"""What SQLite does besides the contract: a full disk, and a process that is killed."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from retinue.core.errors import StoreFault, StoreFull
from retinue.core.item import Text
from retinue.core.job import Job
from retinue.core.paging import PageQuery
from retinue.core.run import Status
from retinue.store import Store, Transaction
from retinue.store.base import Work
from retinue.store.sqlite import SQLite
from store import rows


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
    batches = [await store.jobs.lease({"k": 100}, now=1_000, seconds=60) for _ in range(4)]
    assert [len(batch) for batch in batches] == [100, 100, 50, 0]
    assert [job.key for batch in batches for job in batch] == [str(n) for n in range(250)]
    await database.close()
