"""Files put into vector stores and taken out again, within larger transactions."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.attributes import Attributes
from retinue.core.errors import InvalidRequest, NotFound
from retinue.core.ids import new_id
from retinue.core.job import CLEAR_DOCUMENT, INGEST_DOCUMENT, Job
from retinue.core.vector_store import (
    MAX_FILES,
    FileDraft,
    VectorStore,
    VectorStoreFile,
)
from retinue.store import attached_files, batched_files, jobs, many, pages, store_counts, store_rows
from retinue.store.base import Reader, Transaction, Value

_TICK_S = 1e-6  # between the jobs of files that came together, so that they are done in their order


async def attach(
    tx: Transaction,
    project: str,
    store: str,
    files: Sequence[FileDraft],
    *,
    at: float,
    checked: bool = False,
) -> list[VectorStoreFile]:
    """Put files into a vector store, to be read in their order; one that is in it, and was read, is not read again.

    Whether the files are there was `checked`, or needn't be: an imported assistant may name some that never came.
    It is a use of the store, which expires the later. Raises NotFound for a store or file that isn't there,
    InvalidRequest where there is no room.
    """
    drafts = {draft.file_id: draft for draft in files}
    olds = await attached_files.fetch_all(tx, project, store, list(drafts))
    holder = await store_rows.require(tx, project, store)
    _check_room(holder, len(drafts) - len(olds), at=at)
    if not checked:
        await _check_files(tx, project, [id_ for id_ in drafts if id_ not in olds])
    await store_rows.touch(tx, project, holder, at=at)
    attached: dict[str, VectorStoreFile] = {}
    new: list[VectorStoreFile] = []
    for id_, draft in drafts.items():
        old = olds.get(id_)
        if old and draft.attributes is None:
            draft = structs.replace(draft, attributes=old.attributes)
        if old and _serves(old, draft):
            attached[id_] = await _keep(tx, project, old, draft)
            continue
        if old:
            await detach(tx, project, old)
        attached[id_] = _begun(store, draft, at=at)
        new.append(attached[id_])
    await _begin(tx, project, store, new, at=at)
    return list(attached.values())


async def settle(tx: Transaction, project: str, before: VectorStoreFile, after: VectorStoreFile) -> None:
    """Store where a file stands after it was read, or where it was given up, and have what is needless cleared."""
    await _change(tx, project, before, after)
    if after.status != "completed":
        await _clear(tx, project, "document = ?", after.document)


async def set_attributes(
    tx: Transaction, project: str, file: VectorStoreFile, attributes: Attributes
) -> VectorStoreFile:
    """Give a file other attributes and return it."""
    return await _change(tx, project, file, structs.replace(file, attributes=attributes))


async def detach(tx: Transaction, project: str, file: VectorStoreFile) -> None:
    """Take a file out of its vector store; a list of the store's files can be paged on from it."""
    await _clear(tx, project, "document = ?", file.document)
    created_at, seq = await attached_files.delete(tx, project, file)
    await pages.bury(tx, project, file.file_id, parent=file.store_id, major=created_at, minor=seq)
    await store_counts.change(tx, project, file.store_id, {file.status: -1}, usage_bytes=-file.usage_bytes)
    await batched_files.forget(tx, project, file.document)


async def remove_all(tx: Transaction, project: str, store: str) -> None:
    """Take all files out of a vector store."""
    await _clear(tx, project, "store = ?", store)
    await tx.execute("DELETE FROM vector_store_files WHERE project = ? AND store = ?", project, store)
    await tx.execute("DELETE FROM tombstones WHERE project = ? AND parent = ?", project, store)
    await batched_files.forget_all(tx, project, store)
    await store_counts.empty(tx, project, store)


async def forget_file(tx: Transaction, project: str, file: str) -> None:
    """Take a file that is deleted out of every vector store."""
    for place in await attached_files.places(tx, project, file):
        await detach(tx, project, place)


async def cancel_batch(tx: Transaction, project: str, store: str, batch: str) -> int:
    """Let a batch wait no longer for its files, and give up those nobody else wants; return how many it waited for."""
    where = f"store = ? AND status = 'in_progress' AND {batched_files.AWAITED_ONLY_BY}"
    await _clear(tx, project, where, store, batch, batch)
    sql = f"UPDATE vector_store_files SET status = 'cancelled' WHERE project = ? AND {where}"
    given_up = await tx.execute(sql, project, store, batch, batch)
    if given_up:
        changes = store_counts.moved("in_progress", "cancelled", files=given_up)
        await store_counts.change(tx, project, store, changes)
    return await batched_files.give_up(tx, project, batch)


def _check_room(store: VectorStore, more: int, *, at: float) -> None:
    if store.is_over(at):
        raise InvalidRequest(f"The vector store {store.id} has expired. Make another one.")
    if store.counts.total + more > MAX_FILES:
        raise InvalidRequest(f"The vector store {store.id} would hold more than {MAX_FILES} files. Make another one.")


async def _check_files(reader: Reader, project: str, ids: Sequence[str]) -> None:
    rows = await many.select(reader, "SELECT id FROM files WHERE project = ? AND id IN", project, ids=ids)
    there = {row[0] for row in rows}
    for id_ in ids:
        if id_ not in there:
            raise NotFound("file", id_)


def _serves(old: VectorStoreFile, draft: FileDraft) -> bool:
    """Whether a file that is there already is as it is wanted: what was read needs no second look."""
    return old.status in ("in_progress", "completed") and old.chunking == draft.chunking


async def _keep(tx: Transaction, project: str, old: VectorStoreFile, draft: FileDraft) -> VectorStoreFile:
    """Leave a file as it is but for its attributes."""
    kept = structs.replace(old, attributes=draft.attributes or {})
    return old if kept == old else await _change(tx, project, old, kept)


def _begun(store: str, draft: FileDraft, *, at: float) -> VectorStoreFile:
    return VectorStoreFile(
        file_id=draft.file_id,
        store_id=store,
        created_at=at,
        document=new_id("doc"),
        chunking=draft.chunking,
        attributes=draft.attributes or {},
    )


async def _begin(tx: Transaction, project: str, store: str, files: Sequence[VectorStoreFile], *, at: float) -> None:
    """Have files read, in their order."""
    if not files:
        return
    await attached_files.insert(tx, project, files)
    await jobs.add_all(
        tx,
        [
            Job(kind=INGEST_DOCUMENT, project=project, key=file.document, due=at + place * _TICK_S)
            for place, file in enumerate(files)
        ],
    )
    await store_counts.change(tx, project, store, {"in_progress": len(files)})


async def _change(tx: Transaction, project: str, before: VectorStoreFile, after: VectorStoreFile) -> VectorStoreFile:
    """Store a file that changed, and the counts that go with it; its version is its store's new one."""
    changes = store_counts.moved(before.status, after.status)
    usage_bytes = after.usage_bytes - before.usage_bytes
    version = await store_counts.change(tx, project, after.store_id, changes, usage_bytes=usage_bytes)
    if changes:
        await batched_files.settled(tx, project, after.document, after.status)
    stored = structs.replace(after, version=version)
    await attached_files.update(tx, project, stored)
    return stored


async def _clear(tx: Transaction, project: str, where: str, *values: Value) -> None:
    """Have the windows of documents cleared away, which may be many: nobody waits for that."""
    documents = f"FROM vector_store_files WHERE project = ? AND {where}"
    await tx.execute(
        f"DELETE FROM jobs WHERE kind = ? AND project = ? AND key IN (SELECT document {documents})",
        INGEST_DOCUMENT,
        project,
        project,
        *values,
    )
    await tx.execute(
        "INSERT INTO jobs (kind, project, key, due, attempts, fence)"
        f" SELECT CAST(? AS TEXT), project, document, 0, 0, 0 {documents} ON CONFLICT (kind, project, key) DO NOTHING",
        CLEAR_DOCUMENT,
        project,
        *values,
    )
