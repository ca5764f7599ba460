"""Files that were put into a vector store together."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.errors import NotFound
from retinue.core.vector_store import FileBatch, FileCounts, FileDraft
from retinue.store import vector_store_files
from retinue.store.base import Database, Reader, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(FileBatch)


class FileBatches:
    """The batches of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, batch: FileBatch, files: Sequence[FileDraft]) -> FileBatch:
        """Store a new batch and put its files into the vector store: see `VectorStoreFiles.attach`."""

        async def work(tx: Transaction) -> FileBatch:
            attached = await vector_store_files.attach(
                tx, self._project, batch.store_id, files, at=batch.created_at, batch=batch.id
            )
            await tx.execute(
                "INSERT INTO file_batches (project, id, store, body) VALUES (?, ?, ?, ?)",
                self._project,
                batch.id,
                batch.store_id,
                encode(batch),
            )
            return structs.replace(batch, counts=FileCounts(in_progress=len(attached)))

        return await self._database.write(work, long=True)

    async def get(self, store: str, id_: str) -> FileBatch:
        """Return the batch as its files stand now; raises NotFound."""
        return await self._database.read(lambda tx: _fetch(tx, self._project, store, id_))

    async def cancel(self, store: str, id_: str) -> FileBatch:
        """Give up those of its files that are still being read; return the batch. Raises NotFound."""

        async def work(tx: Transaction) -> FileBatch:
            batch = await _fetch(tx, self._project, store, id_)
            rows = await tx.all(
                "SELECT id FROM vector_store_files"
                " WHERE project = ? AND store = ? AND batch = ? AND status = 'in_progress'",
                self._project,
                store,
                id_,
            )
            for (file,) in rows:
                found = await vector_store_files.require(tx, self._project, store, file)
                await vector_store_files.cancel(tx, self._project, found)
            if rows:
                body = encode(structs.replace(batch, counts=FileCounts(), cancelled=True))
                sql = "UPDATE file_batches SET body = ? WHERE project = ? AND id = ?"
                await tx.execute(sql, body, self._project, id_)
            return await _fetch(tx, self._project, store, id_)

        return await self._database.write(work, long=True)


async def _fetch(reader: Reader, project: str, store: str, id_: str) -> FileBatch:
    sql = "SELECT body FROM file_batches WHERE project = ? AND id = ? AND store = ?"
    row = await reader.one(sql, project, id_, store)
    if row is None:
        raise NotFound("file_batch", id_)
    counts = await reader.all(
        "SELECT status, count(*) FROM vector_store_files WHERE project = ? AND store = ? AND batch = ? GROUP BY status",
        project,
        store,
        id_,
    )
    return structs.replace(_codec.decode(row[0]), counts=FileCounts(**dict(counts)))
