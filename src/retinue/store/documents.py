"""Documents: what a file in a vector store was cut into, and what is searched of it."""

from collections.abc import Sequence

from msgspec import Struct

from retinue.core.vector_store import Embedding, Slab, VectorStoreFile, Window
from retinue.store import attached_files, many, store_rows
from retinue.store.base import Database, Reader, Transaction

_CLEARED = 512  # windows that are deleted in one go
_COPIED = 8  # slabs
_SEEN = 20  # vector stores that a file is in
_COUNTED = 1_000_000_000


class StoreChanges(Struct, frozen=True, kw_only=True):
    """What a search in a vector store finds now, where something else is known of it."""

    version: int
    searchable: int
    """How many of its files can be searched: where more are known than that, some of them are gone."""
    changed: tuple[VectorStoreFile, ...]
    """Some of those that came, or changed, since the version that was asked about, in the order of their versions."""


class Documents:
    """The documents of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def add(self, document: str, windows: Sequence[Window], slab: Slab) -> bool:
        """Store the next windows of a document that is being read, and what is searched of them.

        Return False, with nothing stored, where nobody wants them any more or another worker has stored them.
        """

        async def work(tx: Transaction) -> bool:
            if await self._awaited(tx, document) != slab.first:
                return False
            rows = [(self._project, document, window.number, window.page, window.text) for window in windows]
            await many.insert(tx, "document_windows (project, document, number, page, text)", rows)
            await tx.execute(
                "INSERT INTO document_slabs (project, document, first, windows, vectors, terms, bytes)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                self._project,
                document,
                slab.first,
                slab.count,
                slab.vectors,
                slab.terms,
                len(slab.vectors) + len(slab.terms) + sum(len(window.text.encode()) for window in windows),
            )
            return True

        return await self._database.write(work, long=True)

    async def twin(self, file: VectorStoreFile, embedding: Embedding) -> VectorStoreFile | None:
        """Return the same file as it stands in another vector store, cut and embedded in the same way, if there is one.

        Of a file that is in very many vector stores, some are looked at.
        """

        async def work(tx: Transaction) -> VectorStoreFile | None:
            for twin in await attached_files.searchable_places(tx, self._project, file.file_id, limit=_SEEN):
                store = await store_rows.fetch(tx, self._project, twin.store_id)
                if twin.chunking == file.chunking and store and store.embedding == embedding:
                    return twin
            return None

        return await self._database.read(work)

    async def copy(self, source: str, document: str) -> bool:
        """Store the next windows of a document as they are stored of another; return whether there may be more."""

        async def work(tx: Transaction) -> bool:
            first = await self._awaited(tx, document)
            slabs = await tx.all(
                "SELECT first, windows FROM document_slabs"
                " WHERE project = ? AND document = ? AND first >= ? ORDER BY first LIMIT ?",
                self._project,
                source,
                first or 0,
                _COPIED,
            )
            if not slabs or slabs[0][0] != first:
                return False
            last = sum(slabs[-1]) - 1
            await tx.execute(
                "INSERT INTO document_windows (project, document, number, page, text)"
                " SELECT project, ?, number, page, text FROM document_windows"
                " WHERE project = ? AND document = ? AND number >= ? AND number <= ?",
                document,
                self._project,
                source,
                first,
                last,
            )
            await tx.execute(
                "INSERT INTO document_slabs (project, document, first, windows, vectors, terms, bytes)"
                " SELECT project, ?, first, windows, vectors, terms, bytes FROM document_slabs"
                " WHERE project = ? AND document = ? AND first >= ? AND first <= ?",
                document,
                self._project,
                source,
                first,
                last,
            )
            return len(slabs) == _COPIED

        return await self._database.write(work, long=True)

    async def stored(self, document: str) -> int:
        """Return how many windows of a document are stored: its ingest goes on from there."""
        return await _stored(self._database, self._project, document)

    async def size(self, document: str) -> int:
        """Return how many bytes a document takes: its text, and what is searched of it."""
        sql = "SELECT sum(bytes) FROM document_slabs WHERE project = ? AND document = ?"
        row = await self._database.one(sql, self._project, document)
        return int(row[0] or 0) if row else 0

    async def changes(self, store: str, *, since: int, limit: int = 128) -> StoreChanges | None:
        """Return what changed in a vector store since a version of it; None if nothing did."""

        async def work(tx: Transaction) -> StoreChanges | None:
            sql = "SELECT version, completed FROM vector_stores WHERE project = ? AND id = ?"
            row = await tx.one(sql, self._project, store)
            version, searchable = row or (since + 1, 0)
            if version == since:
                return None
            changed = await attached_files.changed(tx, self._project, store, since=since, limit=limit)
            return StoreChanges(version=version, searchable=searchable, changed=changed)

        return await self._database.read(work)

    async def searchable(self, store: str, *, after: int = 0, limit: int = 1_024) -> dict[str, int]:
        """Return some documents of a vector store that can be searched, and the version of each.

        They are those that changed first after a version of the store.
        """
        rows = await self._database.all(
            "SELECT document, version FROM vector_store_files"
            " WHERE project = ? AND store = ? AND version > ? AND status = 'completed' ORDER BY version LIMIT ?",
            self._project,
            store,
            after,
            limit,
        )
        return dict(rows)

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

    async def _awaited(self, tx: Transaction, document: str) -> int | None:
        """Return the number of the window that is to be stored next; None for a document that nobody reads."""
        file = await attached_files.fetch_document(tx, self._project, document)
        awaited = file is not None and file.status == "in_progress"
        return await _stored(tx, self._project, document) if awaited else None


async def _stored(reader: Reader, project: str, document: str) -> int:
    sql = "SELECT first + windows FROM document_slabs WHERE project = ? AND document = ? ORDER BY first DESC LIMIT 1"
    row = await reader.one(sql, project, document)
    return row[0] if row else 0
