"""Stored assistants."""

from collections.abc import Callable

from retinue.core.assistant import Assistant
from retinue.core.errors import NotFound
from retinue.core.paging import Page, PageQuery
from retinue.store import pages, uses
from retinue.store.base import Database, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Assistant)


class Assistants:
    """The assistants of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, assistant: Assistant) -> None:
        """Store a new assistant; raises NotFound for a file that it names."""

        async def work(tx: Transaction) -> None:
            await uses.check(tx, self._project, assistant.tool_resources)
            await tx.execute(
                "INSERT INTO assistants (project, id, created_at, body) VALUES (?, ?, ?, ?)",
                self._project,
                assistant.id,
                assistant.created_at,
                encode(assistant),
            )
            await uses.keep(tx, self._project, "assistant", assistant.id, assistant.tool_resources)

        await self._database.write(work)

    async def get(self, id_: str) -> Assistant:
        """Return the assistant; raises NotFound."""
        return await self._database.read(lambda tx: self._get(tx, id_))

    async def change(self, id_: str, change: Callable[[Assistant], Assistant]) -> Assistant:
        """Store and return what `change` makes of the assistant; raises NotFound."""

        async def work(tx: Transaction) -> Assistant:
            old = await self._get(tx, id_)
            assistant = change(old)
            resources, before = assistant.tool_resources, old.tool_resources
            await uses.check(tx, self._project, resources, before=before)
            await tx.execute(
                "UPDATE assistants SET body = ? WHERE project = ? AND id = ?",
                encode(assistant),
                self._project,
                id_,
            )
            await uses.keep(tx, self._project, "assistant", id_, resources, before=before)
            return assistant

        return await self._database.write(work)

    async def delete(self, id_: str) -> None:
        """Delete the assistant; its threads and runs stay. Raises NotFound."""

        async def work(tx: Transaction) -> None:
            row = await tx.one(
                "SELECT created_at, seq, body FROM assistants WHERE project = ? AND id = ?", self._project, id_
            )
            if row is None:
                raise NotFound("assistant", id_)
            await tx.execute("DELETE FROM assistants WHERE project = ? AND id = ?", self._project, id_)
            before = _codec.decode(row[2]).tool_resources
            await uses.keep(tx, self._project, "assistant", id_, None, before=before)
            await pages.bury(tx, self._project, id_, major=row[0], minor=row[1])

        await self._database.write(work)

    async def list(self, query: PageQuery) -> Page[Assistant]:
        """Return a page of assistants, by time of creation."""
        listing = pages.Listing(table="assistants", columns="body", where="project = ?", values=(self._project,))

        async def work(tx: Transaction) -> Page[Assistant]:
            rows, more = await pages.list_rows(tx, listing, query)
            return Page(data=[_codec.decode(row[0]) for row in rows], has_more=more)

        return await self._database.read(work)

    async def _get(self, tx: Transaction, id_: str) -> Assistant:
        row = await tx.one("SELECT body FROM assistants WHERE project = ? AND id = ?", self._project, id_)
        if row is None:
            raise NotFound("assistant", id_)
        return _codec.decode(row[0])
