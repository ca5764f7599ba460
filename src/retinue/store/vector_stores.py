"""Stored vector stores."""

from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import structs

from retinue.core.errors import NotFound
from retinue.core.job import EXPIRE_VECTOR_STORE, Job
from retinue.core.paging import Page, PageQuery
from retinue.core.tools import ToolResources, searched
from retinue.core.vector_store import Embedding, FileDraft, VectorStore
from retinue.store import attaching, jobs, pages, store_rows
from retinue.store.base import Database, Reader, Transaction
from retinue.store.vector_store_files import FEW


class VectorStores:
    """The vector stores of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, store: VectorStore, files: Sequence[FileDraft] = ()) -> VectorStore:
        """Store a new vector store and put files into it; raises NotFound for one that isn't there."""

        async def work(tx: Transaction) -> VectorStore:
            await insert(tx, self._project, store, files)
            return await store_rows.require(tx, self._project, store.id)

        return await self._database.write(work, long=len(files) > FEW)

    async def get(self, id_: str) -> VectorStore:
        """Return the vector store; raises NotFound."""
        return await store_rows.require(self._database, self._project, id_)

    async def change(self, id_: str, change: Callable[[VectorStore], VectorStore]) -> VectorStore:
        """Store and return what `change` makes of the vector store; raises NotFound."""

        async def work(tx: Transaction) -> VectorStore:
            old = await store_rows.require(tx, self._project, id_)
            changed = change(old)
            if changed.last_active_at != old.last_active_at:
                await store_rows.set_last_active(tx, self._project, id_, at=changed.last_active_at)
            await update(tx, self._project, changed)
            return changed

        return await self._database.write(work)

    async def embed_with(self, id_: str, embedding: Embedding) -> Embedding:
        """Return whose vectors the vector store holds: from its first document on, these. Raises NotFound."""

        async def work(tx: Transaction) -> Embedding:
            store = await store_rows.require(tx, self._project, id_)
            if store.embedding is None:
                await update(tx, self._project, structs.replace(store, embedding=embedding))
            return store.embedding or embedding

        return await self._database.write(work)

    async def touch(self, stores: Sequence[VectorStore], *, at: float) -> None:
        """Note that vector stores are in use: they expire the later. What was noted just now costs nothing."""
        ids = [store.id for store in stores if store.wants_touch(at)]
        if ids:
            await self._database.write(lambda tx: store_rows.touch_all(tx, self._project, ids, at=at))

    async def expire(self, id_: str, *, now: float) -> bool:
        """End the vector store and empty it, if its time is over, or else have a job look again when it may be.

        Returns whether nothing in it will be searched any more; so it is of one that isn't there.
        """

        async def work(tx: Transaction) -> bool:
            store = await store_rows.fetch(tx, self._project, id_)
            if store is None or store.expired:
                return True
            if store.expires_at is None or store.expires_at > now:
                await _watch(tx, self._project, store)
                return False
            await attaching.remove_all(tx, self._project, id_)
            await update(tx, self._project, structs.replace(store, expired=True))
            return True

        return await self._database.write(work, long=True)

    async def delete(self, id_: str) -> None:
        """Delete the vector store; its files stay files. Raises NotFound."""

        async def work(tx: Transaction) -> None:
            row = await tx.one(
                "SELECT created_at, seq FROM vector_stores WHERE project = ? AND id = ?", self._project, id_
            )
            if row is None:
                raise NotFound("vector_store", id_)
            await delete(tx, self._project, id_)
            await pages.bury(tx, self._project, id_, major=row[0], minor=row[1])

        await self._database.write(work, long=True)

    async def list(self, query: PageQuery) -> Page[VectorStore]:
        """Return a page of vector stores, by time of creation."""
        listing = pages.Listing(
            table="vector_stores", columns=store_rows.COLUMNS, where="project = ?", values=(self._project,)
        )
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=list(map(store_rows.decode, rows)), has_more=more)


async def insert(tx: Transaction, project: str, store: VectorStore, files: Sequence[FileDraft] = ()) -> None:
    """Store a new vector store and put files into it, within a larger transaction."""
    await tx.execute(
        "INSERT INTO vector_stores (project, id, created_at, last_active_at, assistant, thread, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        project,
        store.id,
        store.created_at,
        store.last_active_at or store.created_at,
        store.assistant_id,
        store.thread_id,
        store_rows.body(store),
    )
    await _watch(tx, project, store)
    await attaching.attach(tx, project, store.id, files, at=store.created_at)


async def update(tx: Transaction, project: str, store: VectorStore) -> None:
    """Store what is said of a vector store; its counts go by its files."""
    sql = "UPDATE vector_stores SET body = ?, version = version + 1 WHERE project = ? AND id = ?"
    await tx.execute(sql, store_rows.body(store), project, store.id)
    await _watch(tx, project, store)


async def delete(tx: Transaction, project: str, id_: str) -> None:
    """Delete the vector store and all that is stored for it; a job sees to what is kept beside the database."""
    await attaching.remove_all(tx, project, id_)
    await tx.execute("DELETE FROM file_batches WHERE project = ? AND store = ?", project, id_)
    await tx.execute("DELETE FROM vector_stores WHERE project = ? AND id = ?", project, id_)
    await jobs.remove(tx, EXPIRE_VECTOR_STORE, project, id_)
    await jobs.add(tx, Job(kind=EXPIRE_VECTOR_STORE, project=project, key=id_, due=0.0))


async def check(
    reader: Reader, project: str, now: ToolResources | None, *, before: ToolResources | None = None
) -> None:
    """Refuse vector stores that aren't there with NotFound; what was named before needs no second look."""
    if now is None:
        return
    for id_ in sorted(set(searched(now)) - set(searched(before))):
        await store_rows.require(reader, project, id_)


async def owned(reader: Reader, project: str, owner: Literal["assistant", "thread"], of: str) -> list[str]:
    """Return the ids of all vector stores that were made for an assistant or a thread, whether it names them or not."""
    rows = await reader.all(f"SELECT id FROM vector_stores WHERE project = ? AND {owner} = ?", project, of)
    return [row[0] for row in rows]


async def own(reader: Reader, project: str, resources: ToolResources | None, *, of: str) -> VectorStore | None:
    """Return the vector store among those named that was made for this assistant or thread, if there is one."""
    for id_ in (resources and resources.file_search) or ():
        store = await store_rows.fetch(reader, project, id_)
        if store and of in (store.assistant_id, store.thread_id):
            return store
    return None


async def _watch(tx: Transaction, project: str, store: VectorStore) -> None:
    """Have a job look when the vector store may be over; it looks again if that is later by then.

    The job of one that has expired stays: it has more to clear away than the database holds.
    """
    if store.expired:
        return
    await jobs.remove(tx, EXPIRE_VECTOR_STORE, project, store.id)
    if store.expires_at is not None:
        await jobs.add(tx, Job(kind=EXPIRE_VECTOR_STORE, project=project, key=store.id, due=store.expires_at))
