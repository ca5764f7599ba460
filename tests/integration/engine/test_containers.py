"""What the commands of containers promise: all or nothing, gone on time, no bytes left over."""

from collections.abc import AsyncIterator

import pytest

from engine.world import World
from retinue.blobs.memory import MemoryBlobs
from retinue.core.container import Collected, Container, ContainerFile
from retinue.core.errors import InvalidRequest, NotFound, StoreFull
from retinue.core.file import FileDraft
from retinue.core.history import RunChange
from retinue.core.job import CLEAR_BLOB, EXPIRE_CONTAINER
from retinue.engine.commands import containers, files, threads
from retinue.engine.sweep import sweep
from retinue.jobs.embedded import EmbeddedWorker

DRAFT = Container(id="", created_at=0, name="C", last_active_at=0)


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@pytest.fixture
def kept(world: World) -> dict[str, bytes]:
    """The blobs, by id."""
    blobs: dict[str, bytes] = {}
    world.engine.blobs = MemoryBlobs(blobs)
    return blobs


@pytest.fixture
def worker(world: World) -> EmbeddedWorker:
    handlers = {
        EXPIRE_CONTAINER: lambda job: containers.expire(world.engine, job),
        CLEAR_BLOB: lambda job: containers.clear_blob(world.engine, job),
    }
    return EmbeddedWorker(world.store.jobs, handlers, clock=world.clock)


async def made(world: World) -> Container:
    return await containers.create(world.engine, world.caller, DRAFT)


async def put(world: World, container: str, path: str = "a.txt", content: bytes = b"abc") -> ContainerFile:
    return await containers.add_upload(world.engine, world.caller, container, pieces(content), lambda: path)


async def test_an_uploaded_file_knows_its_bytes(world: World, kept: dict[str, bytes]) -> None:
    container = await made(world)
    file = await put(world, container.id)
    assert file.blob is not None
    assert (file.size, file.source, kept) == (3, "user", {file.blob: b"abc"})
    again = await put(world, container.id, content=b"other")
    assert kept == {again.blob: b"other"}
    await containers.delete_file(world.engine, world.caller, container.id, again.id)
    assert kept == {}


async def test_a_refused_file_leaves_nothing(world: World, kept: dict[str, bytes]) -> None:
    container = await made(world)

    def refuse() -> str:
        raise InvalidRequest("no")

    with pytest.raises(InvalidRequest):
        await containers.add_upload(world.engine, world.caller, container.id, pieces(b"abc"), refuse)
    with pytest.raises(NotFound):
        await put(world, "cntr_nowhere")
    world.tap.full = 1
    with pytest.raises(StoreFull):
        await put(world, container.id)
    assert kept == {}


async def test_a_container_expires_after_its_last_use(
    world: World, kept: dict[str, bytes], worker: EmbeddedWorker
) -> None:
    container = await made(world)
    world.clock.advance(19 * 60)
    await put(world, container.id)
    world.clock.advance(60)
    assert await worker.do_due() == 1
    assert len(kept) == 1
    world.clock.advance(19 * 60)
    assert await worker.do_due() == 1
    assert kept == {}
    assert (await containers.use(world.engine, world.caller, container.id)).is_over(world.clock())
    with pytest.raises(InvalidRequest, match="has expired"):
        await put(world, container.id)
    assert await world.store.jobs.next_due(EXPIRE_CONTAINER) is None
    await containers.delete(world.engine, world.caller, container.id)


async def test_a_deleted_container_takes_its_bytes_along_and_leaves_stored_files(
    world: World, kept: dict[str, bytes], worker: EmbeddedWorker
) -> None:
    draft = FileDraft(name="b.txt", purpose="assistants")
    file = await files.create(world.engine, world.caller, pieces(b"stored"), lambda: draft)
    container = await containers.create(world.engine, world.caller, DRAFT, [file.id])
    await put(world, container.id)
    await containers.delete(world.engine, world.caller, container.id)
    assert kept == {file.blob: b"stored"}
    world.clock.advance(20 * 60)
    assert await worker.do_due() == 0


async def test_a_deleted_thread_takes_the_bytes_of_its_container_along(world: World, kept: dict[str, bytes]) -> None:
    thread = await world.new_thread("Hello")
    new = Container(id="cntr_t", created_at=0, name="T", last_active_at=0, thread_id=thread.id, expires_minutes=None)
    await world.scope.containers.of_thread(thread.id, new)
    await put(world, "cntr_t")
    await threads.delete(world.engine, world.caller, thread.id)
    assert kept == {}


async def test_bytes_that_code_replaced_are_cleared_by_a_job(
    world: World, kept: dict[str, bytes], worker: EmbeddedWorker
) -> None:
    container = await made(world)
    await put(world, container.id, "a.txt")
    untouched = await put(world, container.id, "b.txt")
    history = await world.finished()
    change = RunChange(run=history.run, collected=(Collected(container=container, removed=("a.txt",)),))
    await world.scope.runs.decide(history.run.thread_id, history.run.id, lambda _: change)
    assert await worker.do_due() == 1
    assert kept == {untouched.blob: b"abc"}


async def test_the_sweep_leaves_the_bytes_of_containers(world: World, kept: dict[str, bytes]) -> None:
    file = await put(world, (await made(world)).id)
    kept["blob_lost"] = b""
    assert await sweep(world.store, MemoryBlobs(kept)) == 1
    assert kept == {file.blob: b"abc"}
