import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import structlog.testing
from msgspec import structs

from retinue.core.errors import StoreFault, StoreFull
from retinue.core.job import Job
from retinue.jobs import JobTable, NotNow
from retinue.jobs.embedded import EmbeddedWorker
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.testing import FakeClock

Handler = Callable[[Job], Awaitable[None]]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(SQLite.open(tmp_path / "retinue.db", synchronous="normal"))
    yield store
    await store.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(0.0)


class Diary:
    """A handler that notes what it is given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.done: list[Job] = []
        self.failures = failures

    async def __call__(self, job: Job) -> None:
        self.done.append(job)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("not this time")

    @property
    def keys(self) -> list[str]:
        return [job.key for job in self.done]


def worker(store: Store, clock: FakeClock, handler: Handler) -> EmbeddedWorker:
    return EmbeddedWorker(store.jobs, {"k": handler}, clock=clock)


async def add(store: Store, key: str, due: float, *, project: str = "p") -> None:
    await store.jobs.add(Job(kind="k", project=project, key=key, due=due))


async def drop(store: Store) -> None:
    """Have another worker, which comes much later, tick the only job off."""
    (job,) = await store.jobs.lease({"k": 1}, now=1e9, seconds=60)
    await store.jobs.finish(job)


async def test_jobs_are_done_when_they_are_due_and_in_that_order(store: Store, clock: FakeClock) -> None:
    diary = Diary()
    for key, due in (("late", 30.0), ("early", 10.0), ("middle", 20.0)):
        await add(store, key, due)
    embedded = worker(store, clock, diary)
    assert await embedded.do_due() == 0
    clock.advance(20)
    assert await embedded.do_due() == 2
    assert diary.keys == ["early", "middle"]
    clock.advance(10)
    assert await embedded.do_due() == 1
    assert diary.keys == ["early", "middle", "late"]


async def test_a_job_that_is_done_is_gone(store: Store, clock: FakeClock) -> None:
    await add(store, "x", 0)
    embedded = worker(store, clock, Diary())
    await embedded.do_due()
    clock.advance(1_000)
    assert await embedded.do_due() == 0
    assert await store.jobs.next_due("k") is None


async def test_a_job_that_failed_is_tried_again_after_ever_longer_pauses(store: Store, clock: FakeClock) -> None:
    await add(store, "x", 0)
    diary = Diary(failures=6)
    embedded = worker(store, clock, diary)
    times: list[float] = []
    with structlog.testing.capture_logs():
        while (due := await store.jobs.next_due("k")) is not None:
            clock.now = due
            times.append(due)
            await embedded.do_due()
    assert times == [0, 1, 6, 36, 336, 636, 936]
    assert [job.attempts for job in diary.done] == [1, 2, 3, 4, 5, 6, 7]


async def test_a_job_that_fails_holds_up_no_other(store: Store, clock: FakeClock) -> None:
    diary = Diary()

    async def fail_for_one(job: Job) -> None:
        if job.key == "bad":
            raise RuntimeError("no")
        await diary(job)

    for key in ("bad", "good"):
        await add(store, key, 0)
    with structlog.testing.capture_logs():
        await worker(store, clock, fail_for_one).do_due()
    assert diary.keys == ["good"]
    assert await store.jobs.next_due("k") == 1.0


@pytest.mark.parametrize(("fault", "traced"), [(StoreFull("The disk is full."), False), (RuntimeError("oops"), True)])
async def test_a_full_disk_is_logged_in_one_line_and_a_mistake_with_its_trace(
    store: Store, clock: FakeClock, fault: Exception, traced: bool
) -> None:
    async def fail(_: Job) -> None:
        raise fault

    await add(store, "x", 0)
    with structlog.testing.capture_logs() as logs:
        await worker(store, clock, fail).do_due()
    assert [(line["event"], line["why"], line["exc_info"]) for line in logs] == [("job_failed", str(fault), traced)]


async def test_a_job_of_an_unknown_kind_waits_for_a_version_that_knows_it(store: Store, clock: FakeClock) -> None:
    await store.jobs.add(Job(kind="from the future", project="p", key="x", due=0))
    assert await worker(store, clock, Diary()).do_due() == 0
    assert await store.jobs.next_due("from the future") == 0


async def test_a_leased_job_goes_to_nobody_else_before_its_lease_runs_out(store: Store) -> None:
    await add(store, "x", 0)
    assert len(await store.jobs.lease({"k": 10}, now=0, seconds=60)) == 1
    assert await store.jobs.lease({"k": 10}, now=59, seconds=60) == []
    assert len(await store.jobs.lease({"k": 10}, now=60, seconds=60)) == 1


async def test_a_worker_whose_lease_ran_out_can_not_tick_the_job_off(store: Store) -> None:
    await add(store, "x", 0)
    (slow,) = await store.jobs.lease({"k": 10}, now=0, seconds=60)
    (quick,) = await store.jobs.lease({"k": 10}, now=60, seconds=60)
    await store.jobs.finish(slow)
    assert await store.jobs.next_due("k") == 120
    await store.jobs.finish(quick)
    assert await store.jobs.next_due("k") is None


async def test_a_worker_whose_lease_ran_out_can_not_postpone_the_job(store: Store) -> None:
    await add(store, "x", 0)
    (slow,) = await store.jobs.lease({"k": 10}, now=0, seconds=60)
    await store.jobs.lease({"k": 10}, now=60, seconds=60)
    await store.jobs.postpone(slow, due=1)
    assert await store.jobs.next_due("k") == 120


async def test_two_workers_do_each_job_once(store: Store, clock: FakeClock) -> None:
    diary = Diary()
    for n in range(300):
        await add(store, str(n), 0)
    both = [worker(store, clock, diary), worker(store, clock, diary)]
    while sum(await asyncio.gather(*(embedded.do_due() for embedded in both))):
        pass
    assert sorted(diary.keys, key=int) == [str(n) for n in range(300)]


async def test_a_job_that_a_stopped_worker_did_not_finish_is_done_by_the_next(store: Store, clock: FakeClock) -> None:
    begun = asyncio.Event()

    async def hang(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    await add(store, "x", 0)
    first = worker(store, clock, hang)
    first.start()
    await begun.wait()
    await first.stop()
    diary = Diary()
    assert await worker(store, clock, diary).do_due() == 1
    assert diary.done[0].attempts == 1


async def test_a_started_worker_does_what_is_due(store: Store, clock: FakeClock) -> None:
    done = asyncio.Event()

    async def note(job: Job) -> None:
        done.set()

    await add(store, "x", 0)
    embedded = worker(store, clock, note)
    embedded.start()
    await done.wait()
    await embedded.stop()


@pytest.mark.parametrize(
    ("fault", "traced"), [(StoreFault("The database could not do it."), False), (RuntimeError("a mistake"), True)]
)
async def test_a_worker_goes_on_after_its_table_failed(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, fault: Exception, traced: bool
) -> None:
    done = asyncio.Event()

    class Failing:
        """The table, which can't be read at first."""

        faults = 2

        def __getattr__(self, name: str) -> object:
            return getattr(store.jobs, name)

        async def next_due(self, *kinds: str) -> float | None:
            if self.faults:
                self.faults -= 1
                raise fault
            return await store.jobs.next_due(*kinds)

    async def note(job: Job) -> None:
        done.set()

    await add(store, "x", 0)
    embedded = EmbeddedWorker(Failing(), {"k": note}, clock=clock)  # type: ignore[arg-type]  # it has the table's methods
    monkeypatch.setattr("retinue.jobs.embedded._LONGEST_SLEEP_S", 0.01)
    with structlog.testing.capture_logs() as logs:
        embedded.start()
        await asyncio.wait_for(done.wait(), 30)
        await embedded.stop()
    told = ("jobs_not_read", traced)
    assert [(line["event"], line.get("exc_info", False)) for line in logs] == [told, told]


async def test_a_job_that_can_not_even_be_postponed_keeps_its_lease(store: Store, clock: FakeClock) -> None:
    class Full:
        """The table on a full disk."""

        def __getattr__(self, name: str) -> object:
            return getattr(store.jobs, name)

        async def finish(self, job: Job) -> None:
            raise StoreFull("The disk is full.")

        async def postpone(self, job: Job, *, due: float) -> None:
            raise StoreFull("The disk is full.")

    await add(store, "x", 0)
    diary = Diary()
    embedded = EmbeddedWorker(Full(), {"k": diary}, clock=clock)  # type: ignore[arg-type]  # it has the table's methods
    with structlog.testing.capture_logs():
        await embedded.do_due()
    assert await store.jobs.next_due("k") == 60
    clock.advance(60)
    await worker(store, clock, diary).do_due()
    assert diary.keys == ["x", "x"]


class Gates:
    """A handler that stays with each job until it is let go, and tells which it has."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.gates: dict[str, asyncio.Event] = {}

    async def __call__(self, job: Job) -> None:
        self.gates[job.key] = asyncio.Event()
        self.begun.put_nowait(job.key)
        await self.gates[job.key].wait()


async def test_a_job_that_takes_long_holds_up_none_of_another_kind(store: Store, clock: FakeClock) -> None:
    gates, done = Gates(), asyncio.Event()

    async def note(job: Job) -> None:
        done.set()

    embedded = EmbeddedWorker(store.jobs, {"long": gates, "k": note}, clock=clock, places={"long": 1})
    await store.jobs.add(Job(kind="long", project="p", key="a", due=0))
    embedded.start()
    assert await gates.begun.get() == "a"
    await add(store, "x", 0)
    await done.wait()
    await embedded.stop()


async def test_a_kind_with_one_place_has_its_jobs_done_one_after_the_other(store: Store, clock: FakeClock) -> None:
    gates = Gates()
    for n, key in enumerate("abc"):
        await add(store, key, n - 3.0)
    embedded = EmbeddedWorker(store.jobs, {"k": gates}, clock=clock, places={"k": 1})
    embedded.start()
    for key in "abc":
        assert await gates.begun.get() == key
        assert gates.begun.empty()
        gates.gates[key].set()
    await embedded.stop()
    assert list(gates.gates) == ["a", "b", "c"]


class Watched:
    """The table, which tells when it was looked at."""

    def __init__(self, table: JobTable) -> None:
        self._table = table
        self.looked = asyncio.Event()

    def __getattr__(self, name: str) -> object:
        return getattr(self._table, name)

    async def next_due(self, *kinds: str) -> float | None:
        self.looked.set()
        return await self._table.next_due(*kinds)


async def test_a_worker_that_is_told_of_a_job_looks_at_once(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retinue.jobs.embedded._LONGEST_SLEEP_S", 3_600.0)
    gates, added, table = Gates(), asyncio.Event(), Watched(store.jobs)
    embedded = EmbeddedWorker(table, {"k": gates}, clock=clock, added=added)  # type: ignore[arg-type]  # as below
    embedded.start()
    await table.looked.wait()
    await add(store, "x", 0)
    added.set()
    assert await asyncio.wait_for(gates.begun.get(), 30) == "x"
    await embedded.stop()


async def test_the_lease_of_a_job_that_takes_long_is_renewed(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gates, added = Gates(), asyncio.Event()
    embedded = EmbeddedWorker(store.jobs, {"k": gates}, clock=clock, added=added)
    await add(store, "x", 0)
    embedded.start()
    await gates.begun.get()
    clock.advance(59)
    added.set()
    while await store.jobs.next_due("k") == 60:
        await asyncio.sleep(0.01)
    assert await store.jobs.next_due("k") == 119
    await embedded.stop()


async def test_a_job_that_became_needless_is_broken_off(store: Store, clock: FakeClock) -> None:
    broken_off, gates, added = asyncio.Event(), Gates(), asyncio.Event()

    async def work(job: Job) -> None:
        try:
            await gates(job)
        except asyncio.CancelledError:
            broken_off.set()
            raise

    embedded = EmbeddedWorker(store.jobs, {"k": work}, clock=clock, added=added)
    await add(store, "x", 0)
    embedded.start()
    await gates.begun.get()
    await drop(store)
    clock.advance(59)
    added.set()
    await broken_off.wait()
    await embedded.stop()


async def test_a_job_that_clears_up_after_it_was_broken_off_is_let_do_so(store: Store, clock: FakeClock) -> None:
    gates, added, table = Gates(), asyncio.Event(), Watched(store.jobs)
    clearing, clear, cleared = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> None:
        try:
            await gates(job)
        finally:
            clearing.set()
            await clear.wait()
            cleared.set()

    embedded = EmbeddedWorker(table, {"k": work}, clock=clock, added=added)  # type: ignore[arg-type]  # as above
    await add(store, "x", 0)
    embedded.start()
    await gates.begun.get()
    await drop(store)
    clock.advance(59)
    added.set()
    await clearing.wait()
    for _ in range(2):  # more looks
        table.looked.clear()
        added.set()
        await table.looked.wait()
    clear.set()
    await asyncio.wait_for(cleared.wait(), 30)
    await embedded.stop()


async def test_what_a_process_before_this_one_was_killed_over_is_begun_at_once(store: Store, clock: FakeClock) -> None:
    await add(store, "x", 0)
    await store.jobs.lease({"k": 1}, now=0, seconds=60)
    gates = Gates()
    embedded = worker(store, clock, gates)
    embedded.start()
    assert await gates.begun.get() == "x"
    await embedded.stop()


async def test_a_job_that_is_dropped_and_added_anew_while_it_is_done_is_done_once_more(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retinue.jobs.embedded._LONGEST_SLEEP_S", 0.01)
    gates = Gates()
    await add(store, "x", 0)
    embedded = worker(store, clock, gates)
    embedded.start()
    await gates.begun.get()
    first = gates.gates["x"]
    await drop(store)
    await add(store, "x", 0)
    assert await embedded.do_due() == 0
    first.set()
    assert await gates.begun.get() == "x"
    gates.gates["x"].set()
    while await store.jobs.next_due("k") is not None:
        await asyncio.sleep(0.01)
    await embedded.stop()


async def test_where_places_are_few_projects_take_turns_and_a_projects_jobs_keep_their_order(
    store: Store, clock: FakeClock
) -> None:
    for n in range(4):
        await add(store, f"many {n}", n - 9.0, project="a")
    for key in ("b", "c"):
        await add(store, key, 0, project=key)
    diary = Diary()
    embedded = EmbeddedWorker(store.jobs, {"k": diary}, clock=clock, places={"k": 1})
    while await embedded.do_due():
        pass
    assert diary.keys == ["many 0", "b", "c", "many 1", "many 2", "many 3"]


async def test_a_project_has_one_place_at_most_where_they_are_few(store: Store, clock: FakeClock) -> None:
    for key in ("a 1", "a 2", "b 1"):
        await add(store, key, 0, project=key[0])
    gates = Gates()
    embedded = EmbeddedWorker(store.jobs, {"k": gates}, clock=clock, places={"k": 2})
    embedded.start()
    assert {await gates.begun.get(), await gates.begun.get()} == {"a 1", "b 1"}
    gates.gates["b 1"].set()
    gates.gates["a 1"].set()
    assert await gates.begun.get() == "a 2"
    await embedded.stop()


async def test_what_can_not_be_done_now_waits_and_is_not_counted(store: Store, clock: FakeClock) -> None:
    attempts: list[int] = []

    async def handler(job: Job) -> None:
        attempts.append(job.attempts)
        if clock() < 300:
            raise NotNow("The provider is away.", pause_s=100.0)

    await add(store, "a", 0.0)
    with structlog.testing.capture_logs() as logs:
        for at in (0.0, 99.0, 100.0, 200.0, 300.0):
            clock.now = at
            await worker(store, clock, handler).do_due()
    assert attempts == [1, 1, 1, 1]
    assert [(line["event"], line["why"]) for line in logs] == [("job_waits", "The provider is away.")] * 3
    assert await store.jobs.next_due("k") is None


async def test_what_waits_for_something_that_was_away_is_tried_at_once_after_a_restart(store: Store) -> None:
    await add(store, "a", 0.0)
    [job] = await store.jobs.lease({"k": 1}, now=0.0, seconds=60)
    await store.jobs.give_back(structs.replace(job, due=900.0))
    await store.jobs.recall(["k"], now=100.0)
    assert await store.jobs.next_due("k") == 0.0


HOUR = 3_600.0


async def test_what_waits_for_a_time_that_a_clock_was_set_back_from_is_done_at_the_next_start(
    store: Store, clock: FakeClock
) -> None:
    diary, done = Diary(), asyncio.Event()

    async def note(job: Job) -> None:
        await diary(job)
        done.set()

    await store.jobs.add(Job(kind="expires", project="p", key="in a day", due=24 * HOUR))
    await add(store, "before", HOUR)
    await add(store, "pauses", 800.0)
    embedded = EmbeddedWorker(store.jobs, {"k": note, "expires": note}, clock=clock, longest_waits={"k": 900.0})
    with structlog.testing.capture_logs() as logs:
        embedded.start()
        await done.wait()
        await embedded.stop()
    assert diary.keys == ["before"]
    assert [(line["event"], line["jobs"]) for line in logs] == [("jobs_brought_forward", 1)]


async def test_a_clock_that_is_set_back_puts_nothing_off_and_begins_nothing_twice(store: Store) -> None:
    clock, added, gates = FakeClock(HOUR), asyncio.Event(), Gates()
    await add(store, "long", HOUR)
    embedded = EmbeddedWorker(store.jobs, {"k": gates}, clock=clock, longest_waits={"k": 900.0}, added=added)
    with structlog.testing.capture_logs():
        embedded.start()
        assert await gates.begun.get() == "long"
        await add(store, "waiting", HOUR + 10)
        clock.now = 0.0
        added.set()
        assert await gates.begun.get() == "waiting"
        assert len(await store.jobs.lease({"k": 10}, now=59.0, seconds=1)) == 0
        await embedded.stop()
    assert gates.begun.empty()
