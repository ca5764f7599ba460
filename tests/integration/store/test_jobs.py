"""The table of jobs, over either database: leases by kinds, held, lost, given back."""

from retinue.core.job import Job
from retinue.store import Database, Store
from retinue.store.base import Transaction
from retinue.store.jobs import add as insert
from retinue.store.jobs import remove

EVERY = {"quick": 10, "long": 10}


async def add(store: Store, key: str, *, kind: str = "quick", project: str = "p", due: float = 0.0) -> None:
    await store.jobs.add(Job(kind=kind, project=project, key=key, due=due))


async def lease(store: Store, now: float, **limits: int) -> list[str]:
    return [job.key for job in await store.jobs.lease(limits or EVERY, now=now, seconds=60)]


async def test_so_many_of_a_kind_are_leased_as_there_is_room_for(store: Store) -> None:
    for n in range(3):
        await add(store, f"long {n}", kind="long", due=n)
        await add(store, f"quick {n}", due=n)
    assert await lease(store, 10, quick=2, long=1) == ["quick 0", "quick 1", "long 0"]
    assert await lease(store, 10, quick=0, long=1) == ["long 1"]
    assert await lease(store, 10) == ["quick 2", "long 2"]


async def test_a_kind_that_nobody_asked_for_is_left_alone(store: Store) -> None:
    await add(store, "x", kind="from the future")
    assert await store.jobs.next_due("quick", "long") is None
    assert await lease(store, 10) == []
    assert await store.jobs.next_due("quick", "from the future") == 0


async def test_a_lease_that_is_renewed_keeps_others_away(store: Store) -> None:
    await add(store, "x")
    (job,) = await store.jobs.lease(EVERY, now=0, seconds=60)
    assert await store.jobs.renew(job, until=90)
    assert await lease(store, 89) == []
    assert await lease(store, 90) == ["x"]


async def test_a_lease_that_another_worker_has_is_not_renewed(store: Store) -> None:
    await add(store, "x")
    (job,) = await store.jobs.lease(EVERY, now=0, seconds=60)
    await lease(store, 60)
    assert not await store.jobs.renew(job, until=200)
    assert await lease(store, 120) == ["x"]


async def test_what_is_given_back_is_as_if_it_had_never_been_taken_on(store: Store) -> None:
    await add(store, "first", due=1)
    await add(store, "second", due=2)
    (job,) = await store.jobs.lease({"quick": 1}, now=10, seconds=60)
    await store.jobs.give_back(job)
    again = await store.jobs.lease(EVERY, now=10, seconds=60)
    assert [(each.key, each.attempts) for each in again] == [("first", 1), ("second", 1)]


async def test_what_a_dead_worker_had_taken_on_is_recalled_and_goes_first(store: Store) -> None:
    await add(store, "under way", due=1)
    await lease(store, 10)
    await add(store, "waiting", due=2)
    await add(store, "later", due=1_000)
    await add(store, "of another kind", kind="long", due=3)
    await lease(store, 10, long=1)
    await store.jobs.recall(["quick"], now=11)
    assert await lease(store, 11) == ["under way", "waiting"]


async def test_a_job_that_was_dropped_and_added_anew_is_not_the_old_ones_to_tick_off(
    store: Store, database: Database
) -> None:
    async def again(tx: Transaction) -> None:
        await remove(tx, "quick", "p", "x")
        await insert(tx, Job(kind="quick", project="p", key="x", due=0.0))

    await add(store, "x")
    (old,) = await store.jobs.lease(EVERY, now=0, seconds=60)
    await database.write(again)
    (new,) = await store.jobs.lease(EVERY, now=0, seconds=60)
    await store.jobs.finish(old)
    assert not await store.jobs.renew(old, until=100)
    assert await store.jobs.renew(new, until=100)


async def test_projects_with_work_that_is_due_are_told_and_give_their_first(store: Store) -> None:
    for n in range(3):
        await add(store, f"a {n}", project="a", due=n)
    await add(store, "b", project="b", due=100)
    await add(store, "c", project="c", due=5)
    await add(store, "d", project="d", kind="long")
    assert await store.jobs.waiting("quick", now=10) == ["a", "c"]
    (job,) = await store.jobs.lease_of("a", "quick", now=10, seconds=60)
    assert (job.key, job.attempts) == ("a 0", 1)
    assert await store.jobs.lease_of("b", "quick", now=10, seconds=60) == []
    assert await store.jobs.waiting("quick", now=200) == ["a", "b", "c"]
    assert await store.jobs.waiting("nothing", now=200) == []
