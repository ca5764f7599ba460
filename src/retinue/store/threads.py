"""Stored threads."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from retinue.core.errors import Locked, NotFound
from retinue.core.ids import new_id
from retinue.core.item import Message
from retinue.core.job import EXPIRE_RUN
from retinue.core.paging import Page, PageQuery
from retinue.core.thread import Thread, mounting
from retinue.core.vector_store import FilledStore
from retinue.store import branches, containers, items, jobs, pages, spending, thread_stores, uses, vector_stores
from retinue.store.base import Database, Reader, Transaction
from retinue.store.branches import Branch
from retinue.store.codec import Codec, encode

_codec = Codec(Thread)


class Deleted(Struct, frozen=True, kw_only=True):
    """What is left of a deleted thread."""

    live: Sequence[str]
    """Ids of runs that were live."""
    blobs: Sequence[str]
    """Blobs that its items owned, and files in its container."""


class Threads:
    """The threads of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(
        self, thread: Thread, messages: Sequence[Message] = (), *, store: FilledStore | None = None
    ) -> Thread:
        """Store a new thread with its first messages, and a vector store that is made for it; return it.

        Raises NotFound for a file or a vector store that it names and that isn't there.
        """
        return await self._database.write(
            lambda tx: create(tx, self._project, thread, messages, store=store),
            long=store is not None or items.are_many(messages),
        )

    async def get(self, id_: str) -> Thread:
        """Return the thread; raises NotFound."""
        return await fetch(self._database, self._project, id_)

    async def change(self, id_: str, change: Callable[[Thread], Thread]) -> Thread:
        """Store and return what `change` makes of the thread; raises NotFound."""

        async def work(tx: Transaction) -> Thread:
            old = await fetch(tx, self._project, id_)
            thread = structs.replace(change(old), implied=False)
            await uses.check(tx, self._project, thread, before=old)
            await vector_stores.check(tx, self._project, thread.tool_resources, before=old.tool_resources)
            await update(tx, self._project, thread)
            await uses.keep(tx, self._project, "thread", id_, thread, before=old)
            return thread

        return await self._database.write(work)

    async def list(self, query: PageQuery) -> Page[Thread]:
        """Return a page of threads, by time of creation."""
        listing = pages.Listing(table="threads", columns="body", where="project = ?", values=(self._project,))
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=[_codec.decode(row[0]) for row in rows], has_more=more)

    async def fork(self, id_: str, *, after: int) -> Thread:
        """Make the thread go on from the item at position `after`, on a branch of its own; nothing is overwritten."""

        async def work(tx: Transaction) -> Thread:
            thread = await fetch(tx, self._project, id_)
            parent = await branches.get(tx, self._project, thread.head)
            return await _fork(tx, self._project, thread, parent, after=after)

        return await self._database.write(work, long=True)  # what is left behind is counted

    async def rewind(self, id_: str, message_id: str, *, keep: bool) -> Thread:
        """Make the thread go on from one of its messages, which is kept or not; what followed is in sight no more.

        Raises NotFound, Locked while a run is live, or InvalidRequest if it was rewound too often.
        """

        async def work(tx: Transaction) -> Thread:
            thread = await fetch(tx, self._project, id_)
            parent = await branches.get(tx, self._project, thread.head)
            position = await items.place_of(tx, self._project, parent, message_id)
            if run := await items.live_run(tx, self._project, thread.head):
                raise Locked(f"Can't rewind {id_} while a run {run} is active.")
            if keep and await branches.ends_at(tx, self._project, parent, position):
                return thread
            return await _fork(tx, self._project, thread, parent, after=position if keep else position - 1)

        return await self._database.write(work, long=True)

    async def delete(self, id_: str) -> Deleted:
        """Delete the thread with all that is in it, and the container and the vector stores that were made for it."""
        return await self._database.write(lambda tx: _delete(tx, self._project, id_), long=True)


async def create(
    tx: Transaction, project: str, thread: Thread, messages: Sequence[Message], *, store: FilledStore | None
) -> Thread:
    """Store a new thread within a larger transaction: see `Threads.insert`."""
    thread = mounting(thread, messages)
    await uses.check(tx, project, thread)
    await vector_stores.check(tx, project, thread.tool_resources)
    if store is not None:
        thread = await thread_stores.insert(tx, project, thread, store)
    thread = await thread_stores.fill(tx, project, thread, messages)
    await insert(tx, project, thread, messages)
    return thread


async def insert(tx: Transaction, project: str, thread: Thread, messages: Sequence[Message]) -> None:
    """Store a new thread, its root branch and first messages; the files that it names were checked, or needn't be."""
    branches.check_room(0, len(messages))
    await tx.execute(
        "INSERT INTO threads (project, id, created_at, body) VALUES (?, ?, ?, ?)",
        project,
        thread.id,
        thread.created_at,
        encode(thread),
    )
    await uses.keep(tx, project, "thread", thread.id, thread)
    await branches.insert_root(tx, project, thread=thread.id, branch=thread.head, messages=len(messages))
    await items.insert_all(tx, project, thread.head, messages, first=0)


async def fetch(reader: Reader, project: str, id_: str) -> Thread:
    """Return the thread; raises NotFound."""
    row = await reader.one("SELECT body FROM threads WHERE project = ? AND id = ?", project, id_)
    if row is None:
        raise NotFound("thread", id_)
    return _codec.decode(row[0])


async def fill(tx: Transaction, project: str, thread: Thread, messages: Sequence[Message]) -> Thread:
    """Give hosted tools what new messages bring along for them; return the thread, which may change by it.

    Raises NotFound for a file that isn't there.
    """
    mounted = mounting(thread, messages)
    await uses.check(tx, project, mounted, before=thread)
    filled = await thread_stores.fill(tx, project, mounted, messages)
    if filled is not thread:
        await update(tx, project, filled)
        await uses.keep(tx, project, "thread", thread.id, filled, before=thread)
    return filled


async def update(tx: Transaction, project: str, thread: Thread) -> None:
    """Store a thread that changed."""
    await tx.execute(
        "UPDATE threads SET created_at = ?, body = ? WHERE project = ? AND id = ?",
        thread.created_at,
        encode(thread),
        project,
        thread.id,
    )


async def _fork(tx: Transaction, project: str, thread: Thread, parent: Branch, *, after: int) -> Thread:
    branch = new_id("branch")
    await branches.fork(tx, project, thread=thread.id, parent=parent, after=after, branch=branch)
    forked = structs.replace(thread, head=branch)
    await update(tx, project, forked)
    return forked


async def _delete(tx: Transaction, project: str, id_: str) -> Deleted:
    thread = await fetch(tx, project, id_)
    await uses.keep(tx, project, "thread", id_, None, before=thread)
    runs = await tx.all("SELECT id, status FROM runs WHERE project = ? AND thread = ?", project, id_)
    for run, _ in runs:
        for table in ("turns", "steps", "executions"):
            await tx.execute(f"DELETE FROM {table} WHERE project = ? AND run = ?", project, run)
        await jobs.remove(tx, EXPIRE_RUN, project, run)
    await tx.execute("DELETE FROM runs WHERE project = ? AND thread = ?", project, id_)
    blobs: list[str] = []
    for (branch,) in await tx.all("SELECT id FROM branches WHERE project = ? AND thread = ?", project, id_):
        blobs += await items.delete_branch(tx, project, branch)
    blobs += await containers.delete_of_thread(tx, project, id_)
    await tx.execute("DELETE FROM tombstones WHERE project = ? AND parent = ?", project, id_)
    await tx.execute("DELETE FROM branches WHERE project = ? AND thread = ?", project, id_)
    await spending.remove(tx, project, id_)
    await tx.execute("DELETE FROM threads WHERE project = ? AND id = ?", project, id_)
    for store in await vector_stores.owned(tx, project, "thread", id_):
        await vector_stores.delete(tx, project, store)
    live = [run for run, status in runs if f"'{status}'" in items.LIVE_STATUSES]
    return Deleted(live=live, blobs=blobs)
