"""The job that makes a file searchable: tried again while that helps, and not for ever."""

import functools
from collections.abc import Callable

import structlog.testing

from engine.test_files import uploaded
from engine.world import World
from retinue.core.errors import StoreFull
from retinue.core.job import INGEST_DOCUMENT
from retinue.core.paging import PageQuery
from retinue.core.vector_store import FileDraft, VectorStore, VectorStoreFile
from retinue.engine.ingest import PATIENCE_S, TRIES, ingest
from retinue.jobs.embedded import EmbeddedWorker
from retinue.knowledge import IngestFault, NoKnowledge
from retinue.store import Scope

HOUR_S = 3_600.0


class Failing(NoKnowledge):
    """Knowledge that fails as often as it is told to, and then makes the file searchable."""

    def __init__(self, fault: Callable[[], Exception], times: int) -> None:
        super().__init__()
        self.fault, self.times, self.tried = fault, times, 0

    async def ingest(self, scope: Scope, document: str) -> None:
        self.tried += 1
        if self.tried <= self.times:
            raise self.fault()
        await scope.vector_store_files.settle(document, windows=1)


async def settled(world: World, knowledge: Failing) -> VectorStoreFile:
    """A file that was attached, when there is nothing more to do about it."""
    await attached(world)
    return await done(world, knowledge)


async def attached(world: World) -> None:
    file = await uploaded(world)
    store = VectorStore(id="vs_1", created_at=world.clock())
    await world.scope.vector_stores.insert(store, [FileDraft(file_id=file.id)])


async def done(world: World, knowledge: Failing) -> VectorStoreFile:
    """The file, when its job was done until there is nothing to do."""
    world.engine.knowledge = knowledge
    worker = EmbeddedWorker(
        world.store.jobs, {INGEST_DOCUMENT: functools.partial(ingest, world.engine)}, clock=world.clock
    )
    with structlog.testing.capture_logs():
        while (due := await world.store.jobs.next_due(INGEST_DOCUMENT)) is not None:
            world.clock.now = max(world.clock.now, due)
            await worker.do_due()
    [file] = (await world.scope.vector_store_files.list("vs_1", PageQuery())).data
    return file


async def test_a_provider_that_is_away_for_hours_fails_no_file(world: World) -> None:
    began = world.clock()
    knowledge = Failing(lambda: IngestFault("The model does not answer."), 40)
    assert (await settled(world, knowledge)).status == "completed"
    assert world.clock() - began > 4 * HOUR_S


async def test_a_provider_that_stays_away_fails_the_file_with_its_reason(world: World) -> None:
    began = world.clock()
    knowledge = Failing(lambda: IngestFault("The model does not answer."), 1_000)
    file = await settled(world, knowledge)
    assert (file.status, file.error and (file.error.code, file.error.message)) == (
        "failed",
        ("server_error", "The model does not answer."),
    )
    assert PATIENCE_S <= world.clock() - began < PATIENCE_S + HOUR_S
    assert knowledge.tried < 150


async def test_a_file_that_its_assistant_had_for_long_waits_as_long_as_any(world: World) -> None:
    """Files that v1 clients gave are put into a vector store as of then, also when it is made much later."""
    await attached(world)
    world.clock.now += 2 * PATIENCE_S
    knowledge = Failing(lambda: IngestFault("The model does not answer."), 40)
    began = world.clock()
    assert (await done(world, knowledge)).status == "completed"
    assert world.clock() - began > 4 * HOUR_S


async def test_a_provider_that_refuses_fails_the_file_soon(world: World) -> None:
    began = world.clock()
    knowledge = Failing(lambda: IngestFault("The key is refused.", refused=True), 1_000)
    file = await settled(world, knowledge)
    assert (file.status, file.error and file.error.message) == ("failed", "The key is refused.")
    assert knowledge.tried == TRIES
    assert world.clock() - began < 60


async def test_a_mistake_of_ours_does_not_come_back_for_ever(world: World) -> None:
    knowledge = Failing(lambda: RuntimeError("oops"), 1_000)
    file = await settled(world, knowledge)
    assert file.status == "failed"
    assert file.error is not None
    assert "oops" not in file.error.message
    assert knowledge.tried == TRIES


async def test_a_file_that_takes_the_server_down_is_given_up(world: World) -> None:
    await attached(world)
    for _ in range(TRIES):  # each of these workers dies with its lease
        await world.store.jobs.lease({INGEST_DOCUMENT: 1}, now=world.clock(), seconds=60)
        world.clock.now += 61
    knowledge = Failing(lambda: AssertionError("It is begun again."), 1_000)
    file = await done(world, knowledge)
    assert (file.status, file.error and file.error.message.partition(" again")[0]) == (
        "failed",
        "This server broke down over the file",
    )
    assert knowledge.tried == 0


async def test_stops_and_outages_do_not_count_as_break_downs(world: World) -> None:
    await attached(world)
    for _ in range(TRIES + 1):
        [job] = await world.store.jobs.lease({INGEST_DOCUMENT: 1}, now=world.clock(), seconds=60)
        await world.store.jobs.give_back(job)
    knowledge = Failing(lambda: IngestFault("The model does not answer."), TRIES + 1)
    assert (await done(world, knowledge)).status == "completed"


async def test_a_full_disk_fails_no_file_as_long_as_it_is_full(world: World) -> None:
    knowledge = Failing(lambda: StoreFull("The disk is full."), 500)
    assert (await settled(world, knowledge)).status == "completed"
