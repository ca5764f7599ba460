"""Verbs for files."""

import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Collection, Iterable

from retinue.core.caller import Caller
from retinue.core.errors import BlobTooLarge, NotFound
from retinue.core.file import MAX_FILE_BYTES, File, FileDraft
from retinue.core.ids import new_id
from retinue.core.item import ImageFile, Message
from retinue.core.job import Job
from retinue.core.tools import ToolResources
from retinue.engine.engine import Engine
from retinue.store import Scope


async def create(
    engine: Engine, caller: Caller, pieces: AsyncIterable[bytes], describe: Callable[[], FileDraft]
) -> File:
    """Store what the pieces amount to as a new file; `describe` tells, once they have ended, what it is.

    Raises BlobTooLarge above MAX_FILE_BYTES, and what `describe` raises; nothing stays of what was refused.
    """
    drafts: list[FileDraft] = []

    async def described() -> AsyncIterable[bytes]:
        async for piece in pieces:
            yield piece
        drafts.append(describe())  # here, so that a refusal comes before the bytes are anywhere to be found

    try:
        blob = await engine.blobs.put(described(), limit=MAX_FILE_BYTES)
    except BlobTooLarge as error:
        raise BlobTooLarge(
            f"The file is larger than {MAX_FILE_BYTES >> 20} MB. Split it, or send it in parts by /uploads."
        ) from error
    file = new_file(engine, drafts[0], blob_id=blob.id, size=blob.size, sha256=blob.sha256)
    async with owned(engine, blob.id):
        await engine.store.scoped(caller.project).files.insert(file)
    return file


async def delete(engine: Engine, caller: Caller, file_id: str) -> None:
    """Delete a file and take it out of every list that names it; citations stay. Raises NotFound."""
    await _delete(engine, engine.store.scoped(caller.project), file_id)


async def expire(engine: Engine, job: Job) -> None:
    """Do a job of kind `expire_file`."""
    with contextlib.suppress(NotFound):
        await _delete(engine, engine.store.scoped(job.project), job.key)


async def require(scope: Scope, ids: Collection[str]) -> None:
    """Raise NotFound for the first id that is no file's of the project."""
    for missing in await scope.files.missing(ids) if ids else ():
        raise NotFound("file", missing)


async def require_named(scope: Scope, messages: Iterable[Message], resources: ToolResources | None = None) -> None:
    """Raise NotFound for what isn't there of files that messages bring along or show, and of what tools are to use.

    Assistants and threads need no such look: the store holds their lists to the files that there are.
    """
    ids = [attachment.file_id for message in messages for attachment in message.attachments]
    ids += [part.file_id for message in messages for part in message.content if isinstance(part, ImageFile)]
    ids += (resources.code_interpreter or ()) if resources else ()
    await require(scope, ids)
    for store in (resources.file_search or ()) if resources else ():
        await scope.vector_stores.get(store)


def new_file(engine: Engine, draft: FileDraft, *, blob_id: str, size: int, sha256: str) -> File:
    """Return the draft as a new file over a blob, with an id and a time."""
    now = engine.clock()
    return File(
        id=new_id("file", joint="-"),
        created_at=now,
        name=draft.name,
        purpose=draft.purpose,
        size=size,
        sha256=sha256,
        blob=blob_id,
        expires_at=draft.expires_at(now),
    )


@contextlib.asynccontextmanager
async def owned(engine: Engine, blob_id: str) -> AsyncIterator[None]:
    """Delete the blob if what is done here, to give it an owner, is refused.

    Not if it is cancelled: the write may be under way all the same. If it isn't, the next start clears the blob away.
    """
    try:
        yield
    except Exception:
        await engine.blobs.delete(blob_id)
        raise


async def _delete(engine: Engine, scope: Scope, file_id: str) -> None:
    # the row first: what a crash leaves in between is a blob that nobody owns, and the next start clears it away
    await engine.blobs.delete(await scope.files.delete(file_id))
