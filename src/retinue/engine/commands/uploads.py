"""Verbs for uploads."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Sequence

from retinue.blobs import Blob
from retinue.core.caller import Caller
from retinue.core.errors import BlobMissing, BlobTooLarge, InvalidRequest, NotFound
from retinue.core.file import File, FileDraft
from retinue.core.ids import new_id
from retinue.core.job import Job
from retinue.core.upload import (
    MAX_PART_BYTES,
    UPLOAD_EXPIRES_S,
    Part,
    Upload,
    check_pending,
    check_room,
)
from retinue.engine.commands.files import new_file, owned
from retinue.engine.engine import Engine
from retinue.store import Scope


async def create(engine: Engine, caller: Caller, file: FileDraft, *, size: int, mime_type: str) -> Upload:
    """Store a new upload and return it, pending."""
    now = engine.clock()
    upload = Upload(
        id=new_id("upload"),
        created_at=now,
        expires_at=now + UPLOAD_EXPIRES_S,
        file=file,
        size=size,
        mime_type=mime_type,
    )
    await engine.store.scoped(caller.project).uploads.insert(upload)
    return upload


async def add_part(engine: Engine, caller: Caller, upload_id: str, pieces: AsyncIterable[bytes]) -> Part:
    """Store what the pieces amount to as a part; any number may come at once.

    Raises NotFound, BlobTooLarge above MAX_PART_BYTES, InvalidRequest if the upload takes no parts any more.
    """
    scope = engine.store.scoped(caller.project)
    check_pending(await scope.uploads.get(upload_id), now=engine.clock())
    try:
        blob = await engine.blobs.put(pieces, limit=MAX_PART_BYTES)
    except BlobTooLarge as error:
        raise BlobTooLarge(
            f"The part is larger than {MAX_PART_BYTES >> 20} MB. Send the file in smaller parts."
        ) from error
    now = engine.clock()
    part = Part(id=new_id("part"), upload_id=upload_id, created_at=now, size=blob.size, blob=blob.id)

    def check(upload: Upload) -> None:
        check_pending(upload, now=now)
        check_room(upload, blob.size)

    async with owned(engine, blob.id):
        await scope.uploads.add_part(part, check=check)
    return part


async def complete(
    engine: Engine, caller: Caller, upload_id: str, part_ids: Sequence[str], *, md5: str | None
) -> tuple[Upload, File]:
    """Make the parts, in this order, a file; return the upload, completed, and the file.

    Raises NotFound, or InvalidRequest if the upload isn't pending or the parts aren't what it was to be. The row of
    the file is stored, the upload's changed and the parts' deleted in one transaction: there is one file or none.
    """
    scope = engine.store.scoped(caller.project)
    async with engine.alone_with(scope, upload_id):
        upload = await scope.uploads.get(upload_id)
        check_pending(upload, now=engine.clock())
        parts = _chosen(upload, await scope.uploads.parts(upload_id), part_ids)
        blob = await _put_together(engine, scope, upload, parts, md5)
        file = new_file(engine, upload.file, blob_id=blob.id, size=blob.size, sha256=blob.sha256)
        async with owned(engine, blob.id):
            completed, left = await scope.uploads.complete(upload_id, file, check=_pending(engine))
    await _delete_blobs(engine, left)
    return completed, file


async def cancel(engine: Engine, caller: Caller, upload_id: str) -> Upload:
    """End an upload and forget its parts; raises NotFound, or InvalidRequest if it isn't pending."""
    scope = engine.store.scoped(caller.project)
    cancelled, left = await scope.uploads.end(upload_id, "cancelled", check=_pending(engine))
    await _delete_blobs(engine, left)
    return cancelled


async def expire(engine: Engine, job: Job) -> None:
    """Do a job of kind `expire_upload`."""
    scope = engine.store.scoped(job.project)
    with contextlib.suppress(NotFound, InvalidRequest):  # it was ended meanwhile
        # whatever the clock says: the job is due when the upload's time is over
        _, left = await scope.uploads.end(job.key, "expired", check=lambda upload: check_pending(upload, now=0))
        await _delete_blobs(engine, left)


def _pending(engine: Engine) -> Callable[[Upload], None]:
    return lambda upload: check_pending(upload, now=engine.clock())


def _chosen(upload: Upload, stored: Sequence[Part], part_ids: Sequence[str]) -> list[Part]:
    by_id = {part.id: part for part in stored}
    for index, id_ in enumerate(part_ids):
        if id_ not in by_id:
            raise _wrong_parts(f"part_ids[{index}]", f"'{id_}' is no part of {upload.id}")
    if len(set(part_ids)) < len(part_ids):
        raise _wrong_parts("part_ids", "a part is named twice")
    size = sum(by_id[id_].size for id_ in part_ids)
    if size != upload.size:
        raise _wrong_parts("part_ids", f"the parts have {size} bytes, and the upload was announced with {upload.size}")
    return [by_id[id_] for id_ in part_ids]


async def _put_together(engine: Engine, scope: Scope, upload: Upload, parts: Sequence[Part], md5: str | None) -> Blob:
    digest = hashlib.md5(usedforsecurity=False)

    async def joined() -> AsyncGenerator[bytes, None]:
        for part in parts:
            async with contextlib.aclosing(engine.blobs.open(part.blob)) as pieces:
                async for piece in pieces:
                    if md5 is not None:
                        await asyncio.to_thread(digest.update, piece)
                    yield piece
        if md5 is not None and digest.hexdigest() != md5.lower():
            raise InvalidRequest(
                f"Invalid 'md5': the parts in this order have the checksum {digest.hexdigest()}. "
                "Send again what is wrong.",
                param="md5",
                code="invalid_value",
            )

    try:
        async with contextlib.aclosing(joined()) as whole:
            return await engine.blobs.put(whole)
    except BlobMissing:  # cancelled or expired meanwhile; or else it is a fault
        check_pending(await scope.uploads.get(upload.id), now=engine.clock())
        raise


async def _delete_blobs(engine: Engine, blobs: Sequence[str]) -> None:
    for blob in blobs:
        await engine.blobs.delete(blob)


def _wrong_parts(param: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid '{param}': {why}.", param=param, code="invalid_value")
