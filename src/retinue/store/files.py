"""Stored files: what is known of them. Their bytes are blobs, which these rows own."""

from collections.abc import Collection, Sequence

from retinue.core.errors import NotFound
from retinue.core.file import File
from retinue.core.job import EXPIRE_FILE, Job
from retinue.core.paging import Page, PageQuery
from retinue.store import attaching, container_files, jobs, pages, uses
from retinue.store.base import Database, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(File)

BLOB_OWNERS = ("files", "upload_parts", "item_blobs", "container_files")
"""Tables whose rows own blobs."""


class Files:
    """The files of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, file: File) -> None:
        """Store a new file, and the job that deletes it if it is to expire."""
        await self._database.write(lambda tx: insert(tx, self._project, file))

    async def get(self, id_: str) -> File:
        """Return the file; raises NotFound."""
        row = await self._database.one("SELECT body FROM files WHERE project = ? AND id = ?", self._project, id_)
        if row is None:
            raise NotFound("file", id_)
        return _codec.decode(row[0])

    async def missing(self, ids: Collection[str]) -> list[str]:
        """Return those of the ids that are no file's, in their order."""

        async def work(tx: Transaction) -> list[str]:
            sql = "SELECT 1 FROM files WHERE project = ? AND id = ?"
            return [id_ for id_ in dict.fromkeys(ids) if await tx.one(sql, self._project, id_) is None]

        return await self._database.read(work)

    async def names(self, ids: Collection[str]) -> dict[str, str]:
        """Return the names of those of the files that are there, by id."""

        async def work(tx: Transaction) -> dict[str, str]:
            sql = "SELECT body FROM files WHERE project = ? AND id = ?"
            rows = [(id_, await tx.one(sql, self._project, id_)) for id_ in ids]
            return {id_: _codec.decode(row[0]).name for id_, row in rows if row}

        return await self._database.read(work)

    async def list(self, query: PageQuery, *, purpose: str | None = None) -> Page[File]:
        """Return a page of files, by time of creation, perhaps of one purpose only."""
        where = "project = ?" if purpose is None else "project = ? AND purpose = ?"
        values = (self._project,) if purpose is None else (self._project, purpose)
        listing = pages.Listing(table="files", columns="body", where=where, values=values)
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=[_codec.decode(row[0]) for row in rows], has_more=more)

    async def delete(self, id_: str) -> str:
        """Delete the file and take it out of every list that names it; return its blob's id. Raises NotFound."""

        async def work(tx: Transaction) -> str:
            row = await tx.one(
                "SELECT created_at, seq, blob FROM files WHERE project = ? AND id = ?", self._project, id_
            )
            if row is None:
                raise NotFound("file", id_)
            await uses.forget_file(tx, self._project, id_)
            await attaching.forget_file(tx, self._project, id_)
            await container_files.forget_file(tx, self._project, id_)
            await tx.execute("DELETE FROM files WHERE project = ? AND id = ?", self._project, id_)
            await jobs.remove(tx, EXPIRE_FILE, self._project, id_)
            await pages.bury(tx, self._project, id_, major=row[0], minor=row[1])
            return str(row[2])

        return await self._database.write(work, long=True)


async def insert(tx: Transaction, project: str, file: File) -> None:
    """Store a new file within a larger transaction."""
    await tx.execute(
        "INSERT INTO files (project, id, created_at, purpose, blob, body) VALUES (?, ?, ?, ?, ?, ?)",
        project,
        file.id,
        file.created_at,
        file.purpose,
        file.blob,
        encode(file),
    )
    if file.expires_at is not None:
        await jobs.add(tx, Job(kind=EXPIRE_FILE, project=project, key=file.id, due=file.expires_at))


async def unowned(tx: Transaction, blobs: Sequence[str]) -> list[str]:
    """Return those of the blobs that no row of any project owns."""
    sql = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE blob = ?" for table in BLOB_OWNERS)
    return [blob for blob in blobs if await tx.one(sql, *[blob] * len(BLOB_OWNERS)) is None]
