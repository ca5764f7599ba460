"""Messages of a thread, as the Assistants API sees them."""

from collections.abc import Sequence

from retinue.core.assistant import Metadata
from retinue.core.errors import Locked, NotFound
from retinue.core.item import Message, Placed
from retinue.core.paging import Page, PageQuery
from retinue.store import branches, items, pages, threads
from retinue.store.base import Database, Transaction
from retinue.store.branches import Branch
from retinue.store.codec import encode


class Messages:
    """The messages of one project's threads."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def append(self, thread_id: str, message: Message) -> None:
        """Put a message at the thread's end, and what it brings along into the thread's vector store.

        Raises NotFound, or Locked while a run is live.
        """

        async def work(tx: Transaction) -> None:
            thread = await threads.fetch(tx, self._project, thread_id)
            if run := await items.live_run(tx, self._project, thread.head):
                raise Locked(f"Can't add messages to {thread_id} while a run {run} is active.")
            branch = await branches.get(tx, self._project, thread.head)
            await threads.fill(tx, self._project, thread, [message])
            await items.append(tx, self._project, branch, [message])

        await self._database.write(work)

    async def get(self, thread_id: str, id_: str) -> Message:
        """Return the message; raises NotFound."""

        async def work(tx: Transaction) -> Message:
            return (await self._fetch(tx, thread_id, id_))[0]

        return await self._database.read(work)

    async def list(self, thread_id: str, query: PageQuery, *, run_id: str | None = None) -> Page[Message]:
        """Return a page of the thread's messages, perhaps of one run only; raises NotFound."""

        async def work(tx: Transaction) -> Page[Message]:
            thread = await threads.fetch(tx, self._project, thread_id)
            branch = await branches.get(tx, self._project, thread.head)
            bounds = await pages.find_bounds(tx, items.whole_path(self._project, thread_id, branch), query)
            rows = await items.read_path(tx, self._project, branch, bounds, kind="message", run=run_id)
            page, more = bounds.finish(rows)
            return Page(data=[m for m in map(items.decode, page) if isinstance(m, Message)], has_more=more)

        return await self._database.read(work)

    async def set_metadata(self, thread_id: str, id_: str, metadata: Metadata) -> Message:
        """Store other metadata and return the message; raises NotFound."""

        async def work(tx: Transaction) -> Message:
            await self._fetch(tx, thread_id, id_)
            await tx.execute(
                "UPDATE items SET metadata = ? WHERE project = ? AND id = ?",
                encode(metadata),
                self._project,
                id_,
            )
            return (await self._fetch(tx, thread_id, id_))[0]

        return await self._database.write(work)

    async def delete(self, thread_id: str, id_: str) -> None:
        """Delete the message; raises NotFound, or Locked while the run that writes it is live."""

        async def work(tx: Transaction) -> None:
            message, position, branch = await self._fetch(tx, thread_id, id_)
            run = await items.live_run(tx, self._project, branch)
            if run and run == message.run_id:
                raise Locked(f"Can't delete message {id_} while a run {run} is active.")
            await tx.execute("DELETE FROM items WHERE project = ? AND id = ?", self._project, id_)
            await branches.forget_message(tx, self._project, thread=thread_id, branch=branch, position=position)
            await pages.bury(tx, self._project, id_, parent=thread_id, major=position, minor=0)

        await self._database.write(work, long=True)  # each branch of the thread is looked at

    async def branch(self, id_: str) -> Branch:
        """Return a branch of a thread: its path, and how many items of every kind are on that."""
        return await branches.get(self._database, self._project, id_)

    async def window(self, branch: Branch, *, before: int | None, limit: int) -> Sequence[Placed]:
        """Return at most `limit` items of every kind before a position of the branch, the newest first."""
        return await items.window(self._database, self._project, branch, before=before, limit=limit)

    async def _fetch(self, tx: Transaction, thread_id: str, id_: str) -> tuple[Message, int, str]:
        await threads.fetch(tx, self._project, thread_id)
        row = await tx.one(
            f"SELECT {items.COLUMNS}, branch FROM items WHERE project = ? AND id = ? AND kind = 'message'",
            self._project,
            id_,
        )
        message = row and items.decode(row)
        if row is None or not isinstance(message, Message) or message.thread_id != thread_id:
            raise NotFound("message", id_)
        return message, row[2], row[3]
