"""Stored assistants."""

from collections.abc import Callable

from msgspec import structs

from retinue.core.assistant import Assistant
from retinue.core.assistant_files import searched_stores
from retinue.core.errors import NotFound
from retinue.core.paging import Page, PageQuery
from retinue.core.tools import searching
from retinue.core.vector_store import FilledStore
from retinue.store import pages, uses, vector_stores
from retinue.store.base import Database, Reader, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Assistant)


class Assistants:
    """The assistants of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, assistant: Assistant, *, store: FilledStore | None = None) -> Assistant:
        """Store a new assistant, and a vector store that it is to search; return it.

        Raises NotFound for a file or a vector store that it names and that isn't there.
        """

        async def work(tx: Transaction) -> Assistant:
            await uses.check(tx, self._project, assistant)
            await vector_stores.check(tx, self._project, assistant.tool_resources)
            if store is None:
                made = assistant
            else:
                await vector_stores.insert(tx, self._project, store.store, store.files)
                resources = searching(assistant.tool_resources, store.store.id)
                made = structs.replace(assistant, tool_resources=resources)
            await insert(tx, self._project, made)
            return made

        return await self._database.write(work, long=store is not None)

    async def get(self, id_: str) -> Assistant:
        """Return the assistant; raises NotFound."""
        return await fetch(self._database, self._project, id_)

    async def change(self, id_: str, change: Callable[[Assistant], Assistant]) -> Assistant:
        """Store and return what `change` makes of the assistant; raises NotFound."""

        async def work(tx: Transaction) -> Assistant:
            before = await fetch(tx, self._project, id_)
            assistant = change(before)
            await vector_stores.check(tx, self._project, assistant.tool_resources, before=before.tool_resources)
            await update(tx, self._project, assistant, before=before)
            return assistant

        return await self._database.write(work)

    async def delete(self, id_: str) -> None:
        """Delete the assistant, with the vector store that is its alone; its threads and runs stay. Raises NotFound."""

        async def work(tx: Transaction) -> None:
            assistant = await fetch(tx, self._project, id_)
            place = await tx.one(
                "SELECT created_at, seq FROM assistants WHERE project = ? AND id = ?", self._project, id_
            )
            assert place is not None
            await tx.execute("DELETE FROM assistants WHERE project = ? AND id = ?", self._project, id_)
            await uses.keep(tx, self._project, "assistant", id_, None, before=assistant)
            await pages.bury(tx, self._project, id_, major=place[0], minor=place[1])
            for own in await vector_stores.owned(tx, self._project, "assistant", id_):
                await vector_stores.delete(tx, self._project, own)

        await self._database.write(work, long=True)

    async def list(self, query: PageQuery) -> Page[Assistant]:
        """Return a page of assistants, by time of creation."""
        listing = pages.Listing(table="assistants", columns="body", where="project = ?", values=(self._project,))
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=[_codec.decode(row[0]) for row in rows], has_more=more)


async def insert(tx: Transaction, project: str, assistant: Assistant) -> None:
    """Store a new assistant; the files that it names were checked, or needn't be."""
    await tx.execute(
        "INSERT INTO assistants (project, id, created_at, body) VALUES (?, ?, ?, ?)",
        project,
        assistant.id,
        assistant.created_at,
        encode(assistant),
    )
    await uses.keep(tx, project, "assistant", assistant.id, assistant)


async def fetch(reader: Reader, project: str, id_: str) -> Assistant:
    """Return the assistant; raises NotFound."""
    row = await reader.one("SELECT body FROM assistants WHERE project = ? AND id = ?", project, id_)
    if row is None:
        raise NotFound("assistant", id_)
    return _codec.decode(row[0])


async def update(tx: Transaction, project: str, assistant: Assistant, *, before: Assistant) -> None:
    """Store an assistant that changed; raises NotFound for a file that it names anew."""
    await uses.check(tx, project, assistant, before=before)
    await tx.execute(
        "UPDATE assistants SET body = ? WHERE project = ? AND id = ?", encode(assistant), project, assistant.id
    )
    await uses.keep(tx, project, "assistant", assistant.id, assistant, before=before)
    for own in await vector_stores.owned(tx, project, "assistant", assistant.id):
        if own not in searched_stores(assistant):
            await vector_stores.delete(tx, project, own)
