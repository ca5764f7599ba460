"""What PostgreSQL does besides the contract: neighbours, a server that goes away, faults in our words."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, get_args
from urllib.parse import urlsplit

import asyncpg
import pytest

from retinue.core.assistant import Assistant
from retinue.core.errors import AlreadyExists, Fenced, Locked, StoreFault, StoreFull, StoreUnavailable
from retinue.core.job import Job
from retinue.core.paging import PageQuery
from retinue.core.thread import Thread
from retinue.store import Scope, Store, Transaction, branches
from retinue.store.base import Work
from retinue.store.postgres import Postgres, units
from retinue.store.postgres.faults import fault
from store import postgres, rows
from store.conftest import Opener
from store.cutter import Cut, Cutter

PAGE = PageQuery(limit=100, order="asc")


@pytest.fixture
async def pair(postgres: Opener) -> AsyncIterator[tuple[Store, Store]]:
    """Two stores on one database, as two processes have them."""
    stores = [await Store.open(await postgres()) for _ in range(2)]
    yield stores[0], stores[1]
    for store in stores:
        await store.close()


@pytest.fixture
def scopes(pair: tuple[Store, Store]) -> tuple[Scope, Scope]:
    return pair[0].scoped("default"), pair[1].scoped("default")


class Held:
    """A neighbour that is held up before its commit."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.scope = Scope(self, "default")  # type: ignore[arg-type]  # a Database as far as it is used

    async def write(self, work: Work[Any], *, long: bool = False) -> Any:
        return await units.run(work(units.Transaction()), self.connection)

    async def let_go_when_another_waits(self) -> None:
        waiting = "SELECT count(*) FROM pg_locks WHERE $1 = ANY (pg_blocking_pids(pid))"
        while not await self.connection.fetchval(waiting, self.connection.get_server_pid()):
            pass
        await self.connection.execute("COMMIT")


@pytest.fixture
async def held(postgres_url: str) -> AsyncIterator[Held]:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
    yield Held(connection)
    await connection.close()


@pytest.fixture
def fragile(server: postgres.Server) -> Iterator[postgres.Server]:
    """The server, for a test that stops it."""
    yield server
    if not server.serves:
        server.start()


@pytest.fixture
async def notes(server: postgres.Server) -> AsyncIterator[Postgres]:
    database = await Postgres.open(server.new_schema())
    await database.write(make_notes)
    yield database
    await database.close()


async def make_notes(tx: Transaction) -> None:
    await tx.execute("CREATE TABLE notes (id BIGINT PRIMARY KEY, text TEXT NOT NULL)")


def note(id_: int) -> Work[int]:
    async def work(tx: Transaction) -> int:
        await tx.execute("INSERT INTO notes (id, text) VALUES (?, '')", id_)
        return id_

    return work


async def found(tx: Transaction) -> list[int]:
    return [row[0] for row in await tx.all("SELECT id FROM notes ORDER BY id")]


# Neighbours.


async def test_of_two_processes_that_start_a_run_on_one_thread_one_is_told_of_the_others(
    scopes: tuple[Scope, Scope],
) -> None:
    for n in range(20):
        of = f"thread_{n}"
        await scopes[0].threads.insert(rows.thread(of))
        starts = (scope.runs.create(rows.run(f"run_{n}_{at}", of=of)) for at, scope in enumerate(scopes))
        answers = await asyncio.gather(*starts, return_exceptions=True)
        assert {type(answer) for answer in answers} == {Thread, Locked}
        assert len((await scopes[0].runs.list(of, PAGE)).data) == 1


async def test_of_two_processes_that_make_the_same_thing_one_is_told_that_it_is_there(
    scopes: tuple[Scope, Scope],
) -> None:
    for n in range(20):
        makes = (scope.assistants.insert(rows.assistant(f"asst_{n}")) for scope in scopes)
        answers = await asyncio.gather(*makes, return_exceptions=True)
        assert {type(answer) for answer in answers} == {Assistant, AlreadyExists}


async def test_a_run_taken_over_by_another_process_is_fenced(scopes: tuple[Scope, Scope]) -> None:
    mine, others = scopes
    await mine.threads.insert(rows.thread())
    await mine.runs.create(rows.run())
    history = await others.runs.take_over("run_1")
    with pytest.raises(Fenced):
        await mine.runs.commit(rows.ended(rows.run()))
    await others.runs.commit(rows.ended(history.run))


async def test_every_driver_that_takes_a_run_over_has_a_fence_of_its_own(scopes: tuple[Scope, Scope]) -> None:
    await scopes[0].threads.insert(rows.thread())
    await scopes[0].runs.create(rows.run())
    histories = await asyncio.gather(*(scope.runs.take_over("run_1") for _ in range(25) for scope in scopes))
    fences = sorted(history.run.fence for history in histories)
    assert fences == list(range(fences[0], fences[0] + 50))


async def test_messages_of_two_processes_stand_one_after_another_up_to_the_threads_limit(
    scopes: tuple[Scope, Scope], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 30)
    await scopes[0].threads.insert(rows.thread())
    appends = (
        scope.messages.append("thread_1", rows.message(f"msg_{n}_{at}"))
        for n in range(20)
        for at, scope in enumerate(scopes)
    )
    answers = await asyncio.gather(*appends, return_exceptions=True)
    assert sum(answer is None for answer in answers) == 30
    assert len((await scopes[1].messages.list("thread_1", PAGE)).data) == 30


async def test_a_message_does_not_get_in_beside_a_run_that_a_neighbour_starts(
    held: Held, scopes: tuple[Scope, Scope]
) -> None:
    await scopes[0].threads.insert(rows.thread())
    await held.scope.runs.create(rows.run())
    await held.connection.execute("SELECT * FROM branches FOR UPDATE")
    append = asyncio.ensure_future(scopes[0].messages.append("thread_1", rows.message("msg_1")))
    await held.let_go_when_another_waits()  # the append has found no live run by now
    with pytest.raises(Locked):
        await append


async def test_a_run_does_not_get_in_beside_one_that_a_neighbour_starts(
    held: Held, scopes: tuple[Scope, Scope]
) -> None:
    await scopes[0].threads.insert(rows.thread())
    await held.scope.runs.create(rows.run("theirs"))
    create = asyncio.ensure_future(scopes[0].runs.create(rows.run("ours")))
    await held.let_go_when_another_waits()
    with pytest.raises(Locked, match="already has an active run theirs"):
        await create


async def test_a_job_is_leased_to_one_of_two_workers(pair: tuple[Store, Store]) -> None:
    jobs = [Job(kind="k", project="p", key=f"{n:02}", due=float(n)) for n in range(40)]
    await asyncio.gather(*map(pair[0].jobs.add, jobs))
    leases = (store.jobs.lease({"k": 7}, now=100.0, seconds=60) for _ in range(4) for store in pair)
    leased = itertools.chain(*await asyncio.gather(*leases))
    assert sorted(job.key for job in leased) == [job.key for job in jobs]


async def test_processes_that_start_together_make_one_schema(postgres: Opener) -> None:
    databases = [await postgres() for _ in range(4)]
    stores = await asyncio.gather(*map(Store.open, databases))

    async def versions(tx: Transaction) -> list[int]:
        return [row[0] for row in await tx.all("SELECT version FROM schema_version ORDER BY version")]

    written = await databases[0].read(versions)
    assert written == list(range(1, len(written) + 1))
    for store in stores:
        await store.close()


async def test_a_schema_that_a_neighbour_changed_is_read_and_written_on(
    server: postgres.Server, notes: Postgres
) -> None:
    async def whole(tx: Transaction) -> int:
        row = await tx.one("SELECT * FROM notes")
        return len(row or ())

    async def change(tx: Transaction) -> int:
        await tx.execute("UPDATE notes SET text = 'changed'")
        return await whole(tx)

    await notes.write(note(1))
    assert (await notes.read(whole), await notes.write(change)) == (2, 2)
    schema = await notes.read(lambda tx: tx.one("SELECT current_schema()"))
    server.psql(f"ALTER TABLE {schema and schema[0]}.notes ADD COLUMN more TEXT")
    assert (await notes.read(whole), await notes.write(change)) == (3, 3)


# A server that goes away.


@pytest.mark.parametrize("end", [postgres.Server.kill, postgres.Server.stop], ids=["killed", "stopped"])
async def test_what_was_acknowledged_is_there_when_the_server_is_back(
    fragile: postgres.Server, notes: Postgres, end: Callable[[postgres.Server], None]
) -> None:
    acknowledged: set[int] = set()
    refused: set[int] = set()
    some, back = asyncio.Event(), asyncio.Event()

    async def write(first: int) -> None:
        for id_ in itertools.count(first, 10):
            if back.is_set():
                return
            try:
                acknowledged.add(await notes.write(note(id_)))
            except StoreUnavailable:
                refused.add(id_)
                return
            if len(acknowledged) > 300:
                some.set()

    writing = [asyncio.create_task(write(first)) for first in range(10)]
    await some.wait()
    await asyncio.to_thread(end, fragile)
    with pytest.raises(StoreUnavailable, match="Nothing of this request was stored"):
        await notes.read(found)
    await asyncio.to_thread(fragile.start)
    back.set()
    await asyncio.gather(*writing)
    assert set(await notes.read(found)) == acknowledged
    for id_ in refused:
        await notes.write(note(id_))
    assert set(await notes.read(found)) == acknowledged | refused


async def test_a_server_that_was_restarted_between_two_requests_is_not_noticed(
    fragile: postgres.Server, notes: Postgres
) -> None:
    await notes.write(note(1))
    await notes.read(found)
    fragile.stop()
    fragile.start()
    assert await notes.read(found) == [1]
    assert await notes.write(note(2)) == 2


async def test_connections_that_the_server_ends_amid_writes_lose_and_double_nothing(
    server: postgres.Server, notes: Postgres
) -> None:
    end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'retinue'"
    acknowledged: set[int] = set()

    async def write(id_: int) -> None:
        while id_ not in acknowledged:
            try:
                acknowledged.add(await notes.write(note(id_)))
            except StoreUnavailable:
                continue

    writing = [asyncio.create_task(write(id_)) for id_ in range(1_000)]
    for _ in range(5):
        await asyncio.to_thread(server.psql, end)
    await asyncio.gather(*writing)
    assert await notes.read(found) == list(range(1_000))


@pytest.mark.parametrize("cut", get_args(Cut))
async def test_a_commit_whose_answer_is_lost_is_stored_once(server: postgres.Server, cut: Cut) -> None:
    async with Cutter(server.socket) as cutter:
        url = server.new_schema().replace(str(server.socket.parent), cutter.folder)
        database = await Postgres.open(url)
        await database.write(make_notes)
        cutter.armed = cut
        assert await asyncio.gather(*(database.write(note(id_)) for id_ in range(3))) == [0, 1, 2]
        assert cutter.cuts == 1
        assert await database.read(found) == [0, 1, 2]
        await database.close()


# Faults.


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (asyncpg.UniqueViolationError("x"), AlreadyExists),
        (asyncpg.DiskFullError("x"), StoreFull),
        (asyncpg.TooManyConnectionsError("x"), StoreUnavailable),
        (asyncpg.AdminShutdownError("x"), StoreUnavailable),
        (asyncpg.CannotConnectNowError("x"), StoreUnavailable),
        (asyncpg.ConnectionDoesNotExistError("x"), StoreUnavailable),
        (asyncpg.InterfaceError("connection is closed"), StoreUnavailable),
        (asyncpg.InternalClientError("x"), StoreUnavailable),
        (asyncpg.LockNotAvailableError("x"), StoreUnavailable),
        (asyncpg.SerializationError("x"), StoreUnavailable),
        (asyncpg.DeadlockDetectedError("x"), StoreUnavailable),
        (asyncpg.QueryCanceledError("x"), StoreUnavailable),
        (asyncpg.ReadOnlySQLTransactionError("x"), StoreUnavailable),
        (ConnectionRefusedError(111, "x"), StoreUnavailable),
        (TimeoutError(), StoreUnavailable),
        (asyncpg.NotNullViolationError("x"), StoreFault),
        (asyncpg.DataError("x"), StoreFault),
        (asyncpg.UndefinedTableError("x"), StoreFault),
        (asyncpg.InterfaceError("x"), StoreFault),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_the_drivers_errors_are_told_as_ours(error: Exception, told: type[StoreFault]) -> None:
    heard = fault(error)
    assert type(heard) is told
    assert heard.__cause__ is error


async def test_a_unit_that_goes_on_after_a_failure_is_not_taken_for_stored(notes: Postgres) -> None:
    async def swallow(tx: Transaction) -> None:
        try:
            await note(1)(tx)
        except asyncpg.UniqueViolationError:
            return

    await notes.write(note(1))
    with pytest.raises(StoreFault):
        await notes.write(swallow)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://ann:s3cret@host/x", "can't be read"),
        ("postgresql://ann:s3#cret@host/x", "can't be read"),
        ("postgresql://ann:s3cret@host:port/x", "can't be read"),
        ("not a url", "can't be read"),
        ("postgresql://ann:s3cret@127.0.0.1:1/x", "can't do it now"),
    ],
)
async def test_a_url_that_leads_nowhere_is_refused_without_its_password(url: str, says: str) -> None:
    with pytest.raises(StoreFault, match=says) as refused:
        await Postgres.open(url)
    assert "s3" not in refused.value.message


async def test_a_database_that_does_not_exist_is_a_fault(server: postgres.Server) -> None:
    with pytest.raises(StoreFault, match='database "nowhere" does not exist'):
        await Postgres.open(urlsplit(server.url())._replace(path="/nowhere").geturl())


async def test_a_database_that_can_not_hold_every_character_is_refused(server: postgres.Server) -> None:
    server.psql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreFault, match="is encoded in LATIN1"):
        await Postgres.open(server.url().replace("/postgres?", "/latin?"))
