"""What the commands of files and uploads promise: all or nothing, once, and on time."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest

from engine.world import PROJECT, World
from retinue.blobs.memory import MemoryBlobs
from retinue.core.caller import Caller
from retinue.core.errors import InvalidRequest, NotFound, StoreFull
from retinue.core.file import File, FileDraft
from retinue.core.job import EXPIRE_FILE, EXPIRE_UPLOAD
from retinue.core.paging import PageQuery
from retinue.engine.commands import files, uploads
from retinue.engine.sweep import sweep
from retinue.jobs.embedded import EmbeddedWorker

DRAFT = FileDraft(name="a.txt", purpose="assistants", expires_after_s=3_600)


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
        EXPIRE_FILE: lambda job: files.expire(world.engine, job),
        EXPIRE_UPLOAD: lambda job: uploads.expire(world.engine, job),
    }
    return EmbeddedWorker(world.store.jobs, handlers, clock=world.clock)


async def uploaded(world: World, content: bytes = b"abc") -> File:
    return await files.create(world.engine, world.caller, pieces(content), lambda: DRAFT)


async def begun(world: World, *parts: bytes) -> tuple[str, list[str]]:
    size = sum(map(len, parts))
    upload = await uploads.create(world.engine, world.caller, DRAFT, size=size, mime_type="text/plain")
    added = [await uploads.add_part(world.engine, world.caller, upload.id, pieces(part)) for part in parts]
    return upload.id, [part.id for part in added]


async def count(world: World) -> int:
    return len((await world.scope.files.list(PageQuery(limit=100))).data)


# Files


async def test_a_file_knows_its_bytes(world: World, kept: dict[str, bytes]) -> None:
    file = await uploaded(world, b"abc")
    assert (file.size, file.sha256) == (3, hashlib.sha256(b"abc").hexdigest())
    assert kept == {file.blob: b"abc"}
    assert await world.scope.files.get(file.id) == file


async def test_a_refused_description_leaves_nothing(world: World, kept: dict[str, bytes]) -> None:
    def refuse() -> FileDraft:
        raise InvalidRequest("no")

    with pytest.raises(InvalidRequest):
        await files.create(world.engine, world.caller, pieces(b"abc"), refuse)
    assert (kept, await count(world)) == ({}, 0)


async def test_a_full_database_leaves_no_bytes(world: World, kept: dict[str, bytes]) -> None:
    world.tap.full = 1
    with pytest.raises(StoreFull):
        await uploaded(world)
    assert (kept, await count(world)) == ({}, 0)


async def test_a_file_expires_on_time_and_is_gone_everywhere(
    world: World, kept: dict[str, bytes], worker: EmbeddedWorker
) -> None:
    file = await uploaded(world)
    world.clock.advance(3_599)
    assert await worker.do_due() == 0
    world.clock.advance(1)
    assert await worker.do_due() == 1
    assert (kept, await count(world)) == ({}, 0)
    assert await world.store.jobs.next_due(EXPIRE_FILE, EXPIRE_UPLOAD) is None
    with pytest.raises(NotFound):
        await files.delete(world.engine, world.caller, file.id)


async def test_a_file_of_another_project_is_not_there(world: World, kept: dict[str, bytes]) -> None:
    file, other = await uploaded(world), Caller(project="other")
    with pytest.raises(NotFound):
        await files.delete(world.engine, other, file.id)
    with pytest.raises(NotFound):
        await files.require(world.store.scoped("other"), [file.id])
    await files.require(world.store.scoped(PROJECT), [file.id])


# Uploads


async def test_parts_are_joined_in_the_order_told(world: World, kept: dict[str, bytes]) -> None:
    upload, (one, two) = await begun(world, b"one", b"two")
    md5 = hashlib.md5(b"twoone").hexdigest()
    completed, file = await uploads.complete(world.engine, world.caller, upload, [two, one], md5=md5)
    assert (completed.status, completed.file_id) == ("completed", file.id)
    assert kept == {file.blob: b"twoone"}
    assert file.expires_at == file.created_at + 3_600


async def test_two_that_complete_at_once_make_one_file(world: World, kept: dict[str, bytes]) -> None:
    upload, parts = await begun(world, b"one", b"two")
    results = await asyncio.gather(
        *(uploads.complete(world.engine, world.caller, upload, parts, md5=None) for _ in range(5)),
        return_exceptions=True,
    )
    assert [type(result) for result in results].count(InvalidRequest) == 4
    assert (list(kept.values()), await count(world)) == ([b"onetwo"], 1)


async def test_two_engines_that_complete_at_once_make_one_file(world: World, kept: dict[str, bytes]) -> None:
    """No lock of a process stands between them; the transaction does."""
    upload, parts = await begun(world, b"one", b"two")
    first, second = world.engine, world.new_engine()
    second.blobs = first.blobs
    results = await asyncio.gather(
        *(uploads.complete(engine, world.caller, upload, parts, md5=None) for engine in (first, second)),
        return_exceptions=True,
    )
    assert [type(result) for result in results].count(InvalidRequest) == 1
    assert (list(kept.values()), await count(world)) == ([b"onetwo"], 1)


async def test_a_completion_that_is_not_stored_can_be_tried_again(world: World, kept: dict[str, bytes]) -> None:
    upload, parts = await begun(world, b"one")
    world.tap.full = 1
    with pytest.raises(StoreFull):
        await uploads.complete(world.engine, world.caller, upload, parts, md5=None)
    assert (list(kept.values()), await count(world)) == ([b"one"], 0)
    await uploads.complete(world.engine, world.caller, upload, parts, md5=None)
    assert (list(kept.values()), await count(world)) == ([b"one"], 1)


@pytest.mark.parametrize("ending", ["cancel", "expire"])
async def test_an_upload_that_ends_while_it_is_completed_is_no_file(
    world: World, kept: dict[str, bytes], worker: EmbeddedWorker, ending: str
) -> None:
    upload, parts = await begun(world, b"one", b"two")
    engine, opened = world.engine, world.engine.blobs.open

    async def end(id_: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        if ending == "cancel":
            await uploads.cancel(engine, world.caller, upload)
        else:
            world.clock.advance(3_600)
            await worker.do_due()
        async for piece in opened(id_, start=start, end=end):
            yield piece

    engine.blobs.open = end  # type: ignore[method-assign]
    with pytest.raises(InvalidRequest, match="cancelled" if ending == "cancel" else "expired"):
        await uploads.complete(engine, world.caller, upload, parts, md5=None)
    assert (kept, await count(world)) == ({}, 0)


async def test_an_upload_expires_after_an_hour_with_its_parts(
    world: World, kept: dict[str, bytes], worker: EmbeddedWorker
) -> None:
    upload, parts = await begun(world, b"one")
    world.clock.advance(3_600)
    with pytest.raises(InvalidRequest, match="expired"):  # before the job is done, too
        await uploads.add_part(world.engine, world.caller, upload, pieces(b"x"))
    assert await worker.do_due() == 1
    assert kept == {}
    assert (await world.scope.uploads.get(upload)).status == "expired"
    tries: list[Callable[[], object]] = [
        lambda: uploads.add_part(world.engine, world.caller, upload, pieces(b"x")),
        lambda: uploads.complete(world.engine, world.caller, upload, parts, md5=None),
        lambda: uploads.cancel(world.engine, world.caller, upload),
    ]
    for attempt in tries:
        with pytest.raises(InvalidRequest, match="expired"):
            await attempt()  # type: ignore[misc]  # each makes a coroutine, of different results
    assert kept == {}


# After a crash


async def test_the_sweep_clears_what_nobody_owns_and_nothing_else(world: World, kept: dict[str, bytes]) -> None:
    file = await uploaded(world, b"file")
    _, (part,) = await begun(world, b"part")
    for number in range(3):
        await world.engine.blobs.put(pieces(b"orphan %d" % number))
    assert part
    world.new_engine().blobs = MemoryBlobs(kept)  # the next process
    being_stored = await world.engine.blobs.put(pieces(b"without a row yet"))
    assert await sweep(world.store, world.engine.blobs) == 3
    assert sorted(kept.values()) == [b"file", b"part", b"without a row yet"]
    assert {file.blob, being_stored.id} <= set(kept)
    assert await sweep(world.store, world.engine.blobs) == 0
