"""The job that makes a file searchable: tried again while that helps, and not for ever."""

import functools
from collections.abc import Callable

import structlog.testing

from engine.test_files import uploaded
from engine.world import World
from retinue.core.errors import StoreFull
from retinue.core.job import INGEST_DOCUMENT
from retinue.core.vector_store import FileDraft, VectorStore, VectorStoreFile
from retinue.engine.ingest import TRIES, ingest
from retinue.jobs.embedded import EmbeddedWorker
from retinue.knowledge import IngestFault, NoKnowledge
from retinue.store import Scope


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
    """Have a file attached, and its job done until there is nothing to do."""
    world.engine.knowledge = knowledge
    file = await uploaded(world)
    await world.scope.vector_stores.insert(VectorStore(id="vs_1", created_at=0), [FileDraft(file_id=file.id)])
    worker = EmbeddedWorker(
        world.store.jobs, {INGEST_DOCUMENT: functools.partial(ingest, world.engine)}, clock=world.clock
    )
    with structlog.testing.capture_logs():
        while (due := await world.store.jobs.next_due(INGEST_DOCUMENT)) is not None:
            world.clock.now = max(world.clock.now, due)
            await worker.do_due()
    return await world.scope.vector_store_files.get("vs_1", file.id)


async def test_a_fault_that_passes_is_no_failure(world: World) -> None:
    knowledge = Failing(lambda: IngestFault("The model does not answer."), TRIES - 1)
    assert (await settled(world, knowledge)).status == "completed"
    assert knowledge.tried == TRIES


async def test_a_fault_that_does_not_pass_fails_the_file_with_its_reason(world: World) -> None:
    knowledge = Failing(lambda: IngestFault("The model does not answer."), 1_000)
    file = await settled(world, knowledge)
    assert (file.status, file.error and (file.error.code, file.error.message)) == (
        "failed",
        ("server_error", "The model does not answer."),
    )
    assert knowledge.tried == TRIES


async def test_a_mistake_of_ours_does_not_come_back_for_ever(world: World) -> None:
    knowledge = Failing(lambda: RuntimeError("oops"), 1_000)
    file = await settled(world, knowledge)
    assert file.status == "failed"
    assert file.error is not None
    assert "oops" not in file.error.message
    assert knowledge.tried == TRIES


async def test_a_full_disk_fails_no_file_as_long_as_it_is_full(world: World) -> None:
    knowledge = Failing(lambda: StoreFull("The disk is full."), TRIES + 20)
    assert (await settled(world, knowledge)).status == "completed"
