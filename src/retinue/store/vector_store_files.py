"""The files in vector stores: where each stands on its way from bytes to what can be searched."""

from collections.abc import Sequence

from msgspec import Struct, structs

from retinue.core.assistant import AttachedFile
from retinue.core.attributes import Attributes
from retinue.core.errors import InvalidRequest, NotFound
from retinue.core.ids import new_id
from retinue.core.job import CLEAR_DOCUMENT, INGEST_DOCUMENT, Job
from retinue.core.paging import Page, PageQuery
from retinue.core.vector_store import (
    MAX_FILES,
    Chunking,
    Embedding,
    FileDraft,
    FileError,
    FileStatus,
    VectorStore,
    VectorStoreFile,
)
from retinue.store import jobs, pages
from retinue.store.base import Database, Reader, Row, Transaction
from retinue.store.codec import Codec, encode

FEW = 20
"""Files that a short unit of work may put in or take out."""
_TICK_S = 1e-6  # between the jobs of files that came together, so that they are done in their order

_COLUMNS = "id, store, created_at, document, status, usage_bytes, batch, version, body"


class _Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What no column holds."""

    chunking: Chunking = Chunking()
    attributes: Attributes = {}
    error: FileError | None = None
    windows: int = 0


_codec = Codec(_Body)
_store_codec = Codec(VectorStore)


class VectorStoreFiles:
    """The files in one project's vector stores."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def attach(
        self, store: str, files: Sequence[FileDraft], *, at: float, batch: str | None = None
    ) -> Sequence[VectorStoreFile]:
        """Put files into a vector store, to be read in their order; one that is in it already begins anew.

        Raises NotFound for a store or file that isn't there, InvalidRequest where there is no room.
        """

        async def work(tx: Transaction) -> Sequence[VectorStoreFile]:
            return await attach(tx, self._project, store, files, at=at, batch=batch)

        return await self._database.write(work, long=len(files) > FEW)

    async def get(self, store: str, file: str) -> VectorStoreFile:
        """Return the file as it stands in the vector store; raises NotFound."""
        return await require(self._database, self._project, store, file)

    async def of_document(self, document: str) -> VectorStoreFile | None:
        """Return the file whose windows are stored under this name, if it is still in its store."""
        sql = f"SELECT {_COLUMNS} FROM vector_store_files WHERE project = ? AND document = ?"
        row = await self._database.one(sql, self._project, document)
        return None if row is None else _file(row)

    async def twin(self, file: VectorStoreFile, embedding: Embedding) -> VectorStoreFile | None:
        """Return the same file as it stands in another vector store, cut and embedded in the same way, if there is one.

        Of a file that is in very many vector stores, some are looked at.
        """

        async def work(tx: Transaction) -> VectorStoreFile | None:
            sql = f"SELECT {_COLUMNS} FROM vector_store_files WHERE project = ? AND id = ? AND status = ? LIMIT ?"
            for twin in map(_file, await tx.all(sql, self._project, file.file_id, "completed", FEW)):
                if twin.chunking == file.chunking and await _embedding(tx, self._project, twin.store_id) == embedding:
                    return twin
            return None

        return await self._database.read(work)

    async def list(
        self, store: str, query: PageQuery, *, status: FileStatus | None = None, batch: str | None = None
    ) -> Page[VectorStoreFile]:
        """Return a page of a vector store's files, by the time when they were put in."""
        where = "project = ? AND store = ?"
        values: tuple[str, ...] = (self._project, store)
        for column, wanted in (("batch", batch), ("status", status)):
            if wanted is not None:
                where, values = f"{where} AND {column} = ?", (*values, wanted)
        listing = pages.Listing(table="vector_store_files", columns=_COLUMNS, where=where, values=values, parent=store)
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=list(map(_file, rows)), has_more=more)

    async def set_attributes(self, store: str, file: str, attributes: Attributes) -> VectorStoreFile:
        """Give a file other attributes and return it; raises NotFound."""

        async def work(tx: Transaction) -> VectorStoreFile:
            stored = await require(tx, self._project, store, file)
            return await _update(tx, self._project, structs.replace(stored, attributes=attributes))

        return await self._database.write(work)

    async def settle(
        self, document: str, *, error: FileError | None = None, usage_bytes: int = 0, windows: int = 0
    ) -> None:
        """Note that a file can be searched, or why not. Nothing happens if it was taken out or cancelled meanwhile."""

        async def work(tx: Transaction) -> None:
            sql = f"SELECT {_COLUMNS} FROM vector_store_files WHERE project = ? AND document = ?"
            row = await tx.one(sql, self._project, document)
            if row is None or (file := _file(row)).status != "in_progress":
                return
            status: FileStatus = "failed" if error else "completed"
            ended = structs.replace(file, status=status, error=error, usage_bytes=usage_bytes, windows=windows)
            await _update(tx, self._project, ended, before=file)
            if error:
                await _clear(tx, self._project, document)

        await self._database.write(work)

    async def detach(self, store: str, file: str) -> None:
        """Take a file out of the vector store; it stays a file. Raises NotFound."""

        async def work(tx: Transaction) -> None:
            found = await require(tx, self._project, store, file)
            row = await tx.one(
                "SELECT created_at, seq FROM vector_store_files WHERE project = ? AND document = ?",
                self._project,
                found.document,
            )
            assert row is not None
            await detach(tx, self._project, found)
            await pages.bury(tx, self._project, file, parent=store, major=row[0], minor=row[1])

        await self._database.write(work)


async def require(reader: Reader, project: str, store: str, file: str) -> VectorStoreFile:
    """Return the file as it stands in the vector store; raises NotFound."""
    found = await fetch(reader, project, store, file)
    if found is None:
        if await reader.one("SELECT 1 FROM vector_stores WHERE project = ? AND id = ?", project, store) is None:
            raise NotFound("vector_store", store)
        raise NotFound("vector_store_file", file)
    return found


async def fetch(reader: Reader, project: str, store: str, file: str) -> VectorStoreFile | None:
    """Return the file as it stands in the vector store, if it is in it."""
    sql = f"SELECT {_COLUMNS} FROM vector_store_files WHERE project = ? AND store = ? AND id = ?"
    row = await reader.one(sql, project, store, file)
    return None if row is None else _file(row)


async def _embedding(reader: Reader, project: str, store: str) -> Embedding | None:
    row = await reader.one("SELECT body FROM vector_stores WHERE project = ? AND id = ?", project, store)
    return None if row is None else _store_codec.decode(row[0]).embedding


async def attach(
    tx: Transaction,
    project: str,
    store: str,
    files: Sequence[FileDraft],
    *,
    at: float,
    batch: str | None = None,
    checked: bool = False,
) -> Sequence[VectorStoreFile]:
    """Put files into a vector store, within a larger transaction: see `VectorStoreFiles.attach`.

    Whether the files are there was `checked`, or needn't be: an imported assistant may name some that never came.
    """
    there = await tx.one(
        "SELECT in_progress + completed + failed + cancelled FROM vector_stores WHERE project = ? AND id = ?",
        project,
        store,
    )
    if there is None:
        raise NotFound("vector_store", store)
    drafts = {draft.file_id: draft for draft in files}
    olds = {id_: old for id_ in drafts if (old := await fetch(tx, project, store, id_))}
    if there[0] + len(drafts) - len(olds) > MAX_FILES:
        raise InvalidRequest(f"The vector store {store} would hold more than {MAX_FILES} files. Make another one.")
    for id_ in () if checked else drafts.keys() - olds.keys():
        if await tx.one("SELECT 1 FROM files WHERE project = ? AND id = ?", project, id_) is None:
            raise NotFound("file", id_)
    attached = []
    for index, (id_, draft) in enumerate(drafts.items()):
        if (old := olds.get(id_)) and _serves(old, draft):
            kept = structs.replace(old, attributes=draft.attributes or old.attributes, batch_id=batch or old.batch_id)
            attached.append(await _update(tx, project, kept))
        else:
            if old:
                await detach(tx, project, old)
            attached.append(await _insert(tx, project, store, draft, at=at, batch=batch, due=at + index * _TICK_S))
    return attached


def _serves(old: VectorStoreFile, draft: FileDraft) -> bool:
    """Whether a file that is there already is as it is wanted: what was read needs no second look."""
    return old.status in ("in_progress", "completed") and old.chunking == draft.chunking


async def detach(tx: Transaction, project: str, file: VectorStoreFile) -> None:
    """Take a file out of its vector store, within a larger transaction."""
    await tx.execute(
        "DELETE FROM vector_store_files WHERE project = ? AND store = ? AND id = ?",
        project,
        file.store_id,
        file.file_id,
    )
    await _count(tx, project, file.store_id, {file.status: -1}, usage_bytes=-file.usage_bytes)
    await _clear(tx, project, file.document)


async def remove_all(tx: Transaction, project: str, store: str) -> None:
    """Take all files out of a vector store, within a larger transaction."""
    sql = "SELECT document FROM vector_store_files WHERE project = ? AND store = ?"
    for (document,) in await tx.all(sql, project, store):
        await _clear(tx, project, document)
    await tx.execute("DELETE FROM vector_store_files WHERE project = ? AND store = ?", project, store)
    await tx.execute(
        "UPDATE vector_stores SET in_progress = 0, completed = 0, failed = 0, cancelled = 0, usage_bytes = 0,"
        " version = version + 1 WHERE project = ? AND id = ?",
        project,
        store,
    )


async def forget_file(tx: Transaction, project: str, file: str) -> None:
    """Take a file that is deleted out of every vector store."""
    sql = f"SELECT {_COLUMNS} FROM vector_store_files WHERE project = ? AND id = ?"
    for row in await tx.all(sql, project, file):
        await detach(tx, project, _file(row))


async def cancel(tx: Transaction, project: str, file: VectorStoreFile) -> None:
    """Give up a file that is still being read."""
    await _update(tx, project, structs.replace(file, status="cancelled"), before=file)
    await _clear(tx, project, file.document)


async def changed(reader: Reader, project: str, store: str, *, since: int) -> tuple[VectorStoreFile, ...]:
    """Return the files that can be searched and that changed since a version of their store."""
    rows = await reader.all(
        f"SELECT {_COLUMNS} FROM vector_store_files"
        " WHERE project = ? AND store = ? AND version > ? AND status = 'completed' ORDER BY version",
        project,
        store,
        since,
    )
    return tuple(map(_file, rows))


async def files_of(reader: Reader, project: str, store: str) -> list[AttachedFile]:
    """Return the files of a store, in the order in which they came, as v1 assistants list them."""
    rows = await reader.all(
        "SELECT id, created_at FROM vector_store_files WHERE project = ? AND store = ? ORDER BY created_at, seq",
        project,
        store,
    )
    return [AttachedFile(file_id=id_, attached_at=created_at) for id_, created_at in rows]


async def _insert(
    tx: Transaction, project: str, store: str, draft: FileDraft, *, at: float, batch: str | None, due: float
) -> VectorStoreFile:
    file = VectorStoreFile(
        file_id=draft.file_id,
        store_id=store,
        created_at=at,
        document=new_id("doc"),
        batch_id=batch,
        chunking=draft.chunking,
        attributes=draft.attributes,
    )
    await tx.execute(
        "INSERT INTO vector_store_files (project, store, id, created_at, document, batch, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        project,
        store,
        file.file_id,
        at,
        file.document,
        batch,
        _body(file),
    )
    await jobs.add(tx, Job(kind=INGEST_DOCUMENT, project=project, key=file.document, due=due))
    await _count(tx, project, store, {"in_progress": 1}, usage_bytes=0)
    return file


async def _update(
    tx: Transaction, project: str, file: VectorStoreFile, *, before: VectorStoreFile | None = None
) -> VectorStoreFile:
    """Store a file that changed, and the counts of its vector store; its version is the store's new one."""
    changes = {before.status: -1, file.status: 1} if before and before.status != file.status else {}
    version = await _count(tx, project, file.store_id, changes, usage_bytes=file.usage_bytes if before else 0)
    await tx.execute(
        "UPDATE vector_store_files SET status = ?, usage_bytes = ?, batch = ?, version = ?, body = ?"
        " WHERE project = ? AND document = ?",
        file.status,
        file.usage_bytes,
        file.batch_id,
        version,
        _body(file),
        project,
        file.document,
    )
    return structs.replace(file, version=version)


async def _count(tx: Transaction, project: str, store: str, changes: dict[FileStatus, int], *, usage_bytes: int) -> int:
    """Keep a vector store's counts; return its new version."""
    sets = "".join(f", {status} = {status} + {change:+d}" for status, change in changes.items())
    await tx.execute(
        f"UPDATE vector_stores SET version = version + 1, usage_bytes = usage_bytes + ?{sets}"
        " WHERE project = ? AND id = ?",
        usage_bytes,
        project,
        store,
    )
    row = await tx.one("SELECT version FROM vector_stores WHERE project = ? AND id = ?", project, store)
    return row[0] if row else 0


async def _clear(tx: Transaction, project: str, document: str) -> None:
    """Have a document's windows cleared away, which may be many: nobody waits for that."""
    await jobs.remove(tx, INGEST_DOCUMENT, project, document)
    await jobs.add(tx, Job(kind=CLEAR_DOCUMENT, project=project, key=document, due=0.0))


def _body(file: VectorStoreFile) -> str:
    return encode(_Body(chunking=file.chunking, attributes=file.attributes, error=file.error, windows=file.windows))


def _file(row: Row) -> VectorStoreFile:
    id_, store, created_at, document, status, usage_bytes, batch, version, body = row
    rest = _codec.decode(body)
    return VectorStoreFile(
        file_id=id_,
        store_id=store,
        created_at=created_at,
        document=document,
        status=status,
        usage_bytes=usage_bytes,
        batch_id=batch,
        version=version,
        chunking=rest.chunking,
        attributes=rest.attributes,
        error=rest.error,
        windows=rest.windows,
    )
