"""Files that were put into a vector store together."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.errors import NotFound
from retinue.core.vector_store import FileBatch, FileCounts, FileDraft
from retinue.store import attached_files, attaching, batched_files
from retinue.store.base import Database, Reader, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(FileBatch)

_COUNTS = "in_progress, completed, failed, cancelled"


class FileBatches:
    """The batches of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def insert(self, batch: FileBatch, files: Sequence[FileDraft]) -> FileBatch:
        """Store a new batch and put its files into the vector store: see `VectorStoreFiles.attach`."""

        async def work(tx: Transaction) -> FileBatch:
            at, store = batch.created_at, batch.store_id
            olds = await attached_files.fetch_all(tx, self._project, store, [file.file_id for file in files])
            attached = await attaching.attach(tx, self._project, store, files, at=at)
            done = sum(file.status == "completed" for file in attached)
            counts = FileCounts(in_progress=len(attached) - done, completed=done)
            await self._insert(tx, batch, counts)
            await batched_files.add(
                tx, self._project, batch.id, attached, before={old.document for old in olds.values()}
            )
            return structs.replace(batch, counts=counts)

        return await self._database.write(work, long=True)

    async def get(self, store: str, id_: str) -> FileBatch:
        """Return the batch, with how its files have come along; raises NotFound."""
        return await _fetch(self._database, self._project, store, id_)

    async def cancel(self, store: str, id_: str) -> FileBatch:
        """Wait for its files no longer, and give up those that no other batch waits for; return it. Raises NotFound.

        Files that were attached by themselves before are read all the same.
        """

        async def work(tx: Transaction) -> FileBatch:
            batch = await _fetch(tx, self._project, store, id_)
            if await attaching.cancel_batch(tx, self._project, store, id_):
                body = _body(structs.replace(batch, cancelled=True))
                await tx.execute(
                    "UPDATE file_batches SET body = ? WHERE project = ? AND id = ?", body, self._project, id_
                )
            return await _fetch(tx, self._project, store, id_)

        return await self._database.write(work, long=True)

    async def _insert(self, tx: Transaction, batch: FileBatch, counts: FileCounts) -> None:
        await tx.execute(
            f"INSERT INTO file_batches (project, id, store, {_COUNTS}, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self._project,
            batch.id,
            batch.store_id,
            *structs.astuple(counts),
            _body(batch),
        )


async def _fetch(reader: Reader, project: str, store: str, id_: str) -> FileBatch:
    sql = f"SELECT body, {_COUNTS} FROM file_batches WHERE project = ? AND id = ? AND store = ?"
    row = await reader.one(sql, project, id_, store)
    if row is None:
        await attached_files.require_store(reader, project, store)
        raise NotFound("file_batch", id_)
    body, *counts = row
    return structs.replace(
        _codec.decode(body), counts=FileCounts(**dict(zip(_COUNTS.split(", "), counts, strict=True)))
    )


def _body(batch: FileBatch) -> str:
    """The JSON of what no column holds."""
    return encode(structs.replace(batch, counts=FileCounts()))
