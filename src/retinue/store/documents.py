"""Documents: what a file in a vector store was cut into, and what is searched of it."""

from collections.abc import Sequence

from msgspec import Struct

from retinue.core.vector_store import Slab, VectorStoreFile, Window
from retinue.store import attached_files
from retinue.store.base import Database, Transaction

_CLEARED = 512  # windows that are deleted in one go
_COUNTED = 1_000_000_000


class StoreChanges(Struct, frozen=True, kw_only=True):
    """What a search in a vector store finds now, where something else is known of it."""

    version: int
    documents: frozenset[str]
    """All that can be searched."""
    changed: tuple[VectorStoreFile, ...]
    """Those of them that came, or changed, since the version that was asked about."""


class Documents:
    """The documents of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def add(self, document: str, windows: Sequence[Window], slab: Slab) -> None:
        """Store more windows of a document, and what is searched of them; those that are there stay as they are."""

        async def work(tx: Transaction) -> None:
            for window in windows:
                await tx.execute(
                    "INSERT INTO document_windows (project, document, number, page, text) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (project, document, number) DO NOTHING",
                    self._project,
                    document,
                    window.number,
                    window.page,
                    window.text,
                )
            await tx.execute(
                "INSERT INTO document_slabs (project, document, first, windows, vectors, terms)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (project, document, first) DO NOTHING",
                self._project,
                document,
                slab.first,
                slab.count,
                slab.vectors,
                slab.terms,
            )

        await self._database.write(work, long=True)

    async def stored(self, document: str) -> int:
        """Return how many windows of a document are stored: its ingest goes on from there."""
        row = await self._database.one(
            "SELECT first + windows FROM document_slabs WHERE project = ? AND document = ? ORDER BY first DESC LIMIT 1",
            self._project,
            document,
        )
        return row[0] if row else 0

    async def changes(self, store: str, *, since: int) -> StoreChanges | None:
        """Return what changed in a vector store since a version of it; None if nothing did."""

        async def work(tx: Transaction) -> StoreChanges | None:
            row = await tx.one("SELECT version FROM vector_stores WHERE project = ? AND id = ?", self._project, store)
            version = row[0] if row else since + 1
            if version == since:
                return None
            documents = await tx.all(
                "SELECT document FROM vector_store_files WHERE project = ? AND store = ? AND status = 'completed'",
                self._project,
                store,
            )
            changed = await attached_files.changed(tx, self._project, store, since=since)
            return StoreChanges(version=version, documents=frozenset(row[0] for row in documents), changed=changed)

        return await self._database.read(work)

    async def slabs(self, document: str, *, after: int = -1, limit: int = 16) -> list[Slab]:
        """Return some of a document's slabs, those whose first window comes after this one."""
        rows = await self._database.all(
            "SELECT first, windows, vectors, terms FROM document_slabs"
            " WHERE project = ? AND document = ? AND first > ? ORDER BY first LIMIT ?",
            self._project,
            document,
            after,
            limit,
        )
        return [Slab(first=first, count=count, vectors=vectors, terms=terms) for first, count, vectors, terms in rows]

    async def vectors(self, places: Sequence[tuple[str, int]], *, size: int) -> list[bytes | None]:
        """Return the vectors, of `size` bytes each, of windows (document, number); None for one that is gone."""

        async def work(tx: Transaction) -> list[bytes | None]:
            found: list[bytes | None] = []
            for document, number in places:
                row = await tx.one(
                    "SELECT substr(vectors, CAST((? - first) * ? + 1 AS INTEGER), ?) FROM document_slabs"
                    " WHERE project = ? AND document = ? AND first <= ? ORDER BY first DESC LIMIT 1",
                    number,
                    size,
                    size,
                    self._project,
                    document,
                    number,
                )
                found.append(row[0] if row and len(row[0]) == size else None)
            return found

        return await self._database.read(work)

    async def windows(self, document: str, *, first: int = 0, last: int = _COUNTED, limit: int = 256) -> list[Window]:
        """Return a document's windows from `first` to `last`, at most `limit` of them."""
        rows = await self._database.all(
            "SELECT number, page, text FROM document_windows"
            " WHERE project = ? AND document = ? AND number >= ? AND number <= ? ORDER BY number LIMIT ?",
            self._project,
            document,
            first,
            last,
            limit,
        )
        return [Window(number=number, page=page, text=text) for number, page, text in rows]

    async def clear(self, document: str) -> bool:
        """Delete some windows of a document that nobody needs any more; return whether there are more."""

        async def work(tx: Transaction) -> bool:
            sql = "SELECT number FROM document_windows WHERE project = ? AND document = ? ORDER BY number LIMIT ?"
            rows = await tx.all(sql, self._project, document, _CLEARED)
            if rows:
                last = rows[-1][0]
                for table, column in (("document_windows", "number"), ("document_slabs", "first")):
                    sql = f"DELETE FROM {table} WHERE project = ? AND document = ? AND {column} <= ?"
                    await tx.execute(sql, self._project, document, last)
            return len(rows) == _CLEARED

        return await self._database.write(work, long=True)
