"""Verbs for containers."""

from collections.abc import AsyncIterable, Callable, Sequence

from msgspec import structs

from retinue.core.caller import Caller
from retinue.core.container import Container, ContainerFile
from retinue.core.container_paths import file_path
from retinue.core.errors import BlobTooLarge
from retinue.core.file import MAX_FILE_BYTES, File
from retinue.core.ids import new_id
from retinue.core.job import Job
from retinue.engine.commands.files import owned
from retinue.engine.engine import Engine


async def create(engine: Engine, caller: Caller, draft: Container, file_ids: Sequence[str] = ()) -> Container:
    """Store a new container, in which stored files stand under their names; raises NotFound for one that isn't there.

    They are not copied: a file that is deleted is gone from the container too.
    """
    scope, now = engine.store.scoped(caller.project), engine.clock()
    container = structs.replace(draft, id=new_id("cntr"), created_at=now, last_active_at=now)
    files: dict[str, ContainerFile] = {}
    for id_ in dict.fromkeys(file_ids):
        stored = await scope.files.get(id_)
        path = file_path(stored.name, id_, files)
        files[path] = _referring(container.id, stored, path, at=now)
    await scope.containers.insert(container, tuple(files.values()))
    return container


async def use(engine: Engine, caller: Caller, container_id: str) -> Container:
    """Return the container, and take note that it is in use; raises NotFound."""
    scope = engine.store.scoped(caller.project)
    await scope.containers.touch(container_id, at=engine.clock())
    return await scope.containers.get(container_id)


async def use_running(engine: Engine, caller: Caller, container_id: str) -> Container:
    """Return the container, and take note that it is in use; raises NotFound, InvalidRequest if it has expired."""
    scope, now = engine.store.scoped(caller.project), engine.clock()
    container = await scope.containers.running(container_id, at=now)
    await scope.containers.touch(container_id, at=now)
    return container


async def delete(engine: Engine, caller: Caller, container_id: str) -> None:
    """Delete a container with its files; stored files stay. A thread gets another one. Raises NotFound."""
    blobs = await engine.store.scoped(caller.project).containers.delete(container_id)
    await engine.sessions.end((caller.project, container_id))
    await _clear(engine, blobs)


async def add_upload(
    engine: Engine, caller: Caller, container_id: str, pieces: AsyncIterable[bytes], describe: Callable[[], str]
) -> ContainerFile:
    """Put what the pieces amount to into a container; `describe` tells, once they have ended, under which path.

    It takes the place of a file of that path. Raises NotFound, InvalidRequest for a container that takes no file,
    BlobTooLarge above MAX_FILE_BYTES, and what `describe` raises; nothing stays of what was refused.
    """
    paths: list[str] = []

    async def described() -> AsyncIterable[bytes]:
        async for piece in pieces:
            yield piece
        paths.append(describe())  # here, so that a refusal comes before the bytes are anywhere to be found

    try:
        blob = await engine.blobs.put(described(), limit=MAX_FILE_BYTES)
    except BlobTooLarge as error:
        raise BlobTooLarge(f"The file is larger than {MAX_FILE_BYTES >> 20} MB. Split it.") from error
    file = ContainerFile(
        id=new_id("cfile"),
        container_id=container_id,
        created_at=engine.clock(),
        path=paths[0],
        size=blob.size,
        sha256=blob.sha256,
        source="user",
        blob=blob.id,
    )
    async with owned(engine, blob.id):
        left = await engine.store.scoped(caller.project).container_files.put(file)
    await _clear(engine, [left])
    return file


async def add_file(engine: Engine, caller: Caller, container_id: str, file_id: str) -> ContainerFile:
    """Put a stored file into a container, in the place of one of its name.

    Raises NotFound, InvalidRequest for a container that takes no file.
    """
    scope = engine.store.scoped(caller.project)
    await scope.containers.get(container_id)
    stored = await scope.files.get(file_id)
    file = _referring(container_id, stored, file_path(stored.name, file_id), at=engine.clock())
    await _clear(engine, [await scope.container_files.put(file)])
    return file


async def delete_file(engine: Engine, caller: Caller, container_id: str, id_: str) -> None:
    """Take a file out of a container; a stored file stays one. Raises NotFound."""
    scope = engine.store.scoped(caller.project)
    left = await scope.container_files.delete(container_id, id_)
    await scope.containers.touch(container_id, at=engine.clock())
    await _clear(engine, [left])


async def expire(engine: Engine, job: Job) -> None:
    """Do a job of kind `expire_container`."""
    left = await engine.store.scoped(job.project).containers.expire(job.key, now=engine.clock())
    if left is None:  # it was used meanwhile
        return
    await engine.sessions.end((job.project, job.key))
    await _clear(engine, left)


async def clear_blob(engine: Engine, job: Job) -> None:
    """Do a job of kind `clear_blob`."""
    await engine.blobs.delete(job.key)


async def _clear(engine: Engine, blobs: Sequence[str | None]) -> None:
    for blob in blobs:  # after the rows: what a crash leaves of them, the next start clears away
        if blob is not None:
            await engine.blobs.delete(blob)


def _referring(container_id: str, stored: File, path: str, *, at: float) -> ContainerFile:
    return ContainerFile(
        id=new_id("cfile"),
        container_id=container_id,
        created_at=at,
        path=path,
        size=stored.size,
        sha256=stored.sha256,
        source="user",
        file_id=stored.id,
    )
