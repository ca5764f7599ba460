"""Rows of files in vector stores."""

from collections.abc import Sequence

from msgspec import Struct

from retinue.core.assistant import AttachedFile
from retinue.core.attributes import Attributes
from retinue.core.errors import NotFound
from retinue.core.vector_store import Chunking, FileError, VectorStoreFile
from retinue.store import many
from retinue.store.base import Reader, Row, Transaction
from retinue.store.codec import Codec, encode

COLUMNS = "id, store, created_at, document, status, usage_bytes, version, body"


class _Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What no column holds."""

    chunking: Chunking = Chunking()
    attributes: Attributes = {}
    error: FileError | None = None
    waits_since: float | None = None
    windows: int = 0


_codec = Codec(_Body)


async def require(reader: Reader, project: str, store: str, file: str) -> VectorStoreFile:
    """Return the file as it stands in the vector store; raises NotFound."""
    found = await fetch(reader, project, store, file)
    if found is None:
        await require_store(reader, project, store)
        raise NotFound("vector_store_file", file)
    return found


async def require_store(reader: Reader, project: str, store: str) -> None:
    """Raise NotFound for a vector store that isn't there."""
    if await reader.one("SELECT 1 FROM vector_stores WHERE project = ? AND id = ?", project, store) is None:
        raise NotFound("vector_store", store)


async def fetch(reader: Reader, project: str, store: str, file: str) -> VectorStoreFile | None:
    """Return the file as it stands in the vector store, if it is in it."""
    sql = f"SELECT {COLUMNS} FROM vector_store_files WHERE project = ? AND store = ? AND id = ?"
    row = await reader.one(sql, project, store, file)
    return None if row is None else decode(row)


async def fetch_all(reader: Reader, project: str, store: str, files: Sequence[str]) -> dict[str, VectorStoreFile]:
    """Return those of the files that are in the vector store, by their ids."""
    sql = f"SELECT {COLUMNS} FROM vector_store_files WHERE project = ? AND store = ? AND id IN"
    return {row[0]: decode(row) for row in await many.select(reader, sql, project, store, ids=files)}


async def fetch_document(reader: Reader, project: str, document: str) -> VectorStoreFile | None:
    """Return the file whose windows are stored under this name, if it is still in its store."""
    sql = f"SELECT {COLUMNS} FROM vector_store_files WHERE project = ? AND document = ?"
    row = await reader.one(sql, project, document)
    return None if row is None else decode(row)


async def places(reader: Reader, project: str, file: str) -> list[VectorStoreFile]:
    """Return a file as it stands in each vector store that it is in."""
    sql = f"SELECT {COLUMNS} FROM vector_store_files WHERE project = ? AND id = ?"
    return [decode(row) for row in await reader.all(sql, project, file)]


async def searchable_places(reader: Reader, project: str, file: str, *, limit: int) -> list[VectorStoreFile]:
    """Return a file as it stands in some vector stores in which it can be searched."""
    sql = f"SELECT {COLUMNS} FROM vector_store_files WHERE project = ? AND id = ? AND status = 'completed' LIMIT ?"
    return [decode(row) for row in await reader.all(sql, project, file, limit)]


async def changed(reader: Reader, project: str, store: str, *, since: int, limit: int) -> tuple[VectorStoreFile, ...]:
    """Return files that can be searched and that changed since a version of their store, those that did so first."""
    rows = await reader.all(
        f"SELECT {COLUMNS} FROM vector_store_files"
        " WHERE project = ? AND store = ? AND version > ? AND status = 'completed' ORDER BY version LIMIT ?",
        project,
        store,
        since,
        limit,
    )
    return tuple(map(decode, rows))


async def listed(reader: Reader, project: str, store: str) -> list[AttachedFile]:
    """Return the files of a store, in the order in which they came, as v1 assistants list them."""
    rows = await reader.all(
        "SELECT id, created_at FROM vector_store_files WHERE project = ? AND store = ? ORDER BY created_at, seq",
        project,
        store,
    )
    return [AttachedFile(file_id=id_, attached_at=created_at) for id_, created_at in rows]


async def insert(tx: Transaction, project: str, files: Sequence[VectorStoreFile]) -> None:
    """Store the rows of files that are to be read, in their order."""
    into = "vector_store_files (project, store, id, created_at, document, body)"
    rows = [(project, file.store_id, file.file_id, file.created_at, file.document, _body(file)) for file in files]
    await many.insert(tx, into, rows)


async def update(tx: Transaction, project: str, file: VectorStoreFile) -> None:
    """Store the row of a file that changed."""
    await tx.execute(
        "UPDATE vector_store_files SET status = ?, usage_bytes = ?, version = ?, body = ?"
        " WHERE project = ? AND document = ?",
        file.status,
        file.usage_bytes,
        file.version,
        _body(file),
        project,
        file.document,
    )


async def delete(tx: Transaction, project: str, file: VectorStoreFile) -> tuple[float, int]:
    """Delete the row of a file; return where it stood in its list."""
    where = "FROM vector_store_files WHERE project = ? AND document = ?"
    place = await tx.one(f"SELECT created_at, seq {where}", project, file.document)
    assert place is not None
    await tx.execute(f"DELETE {where}", project, file.document)
    return place[0], place[1]


def decode(row: Row) -> VectorStoreFile:
    """Return the file of a row of COLUMNS."""
    id_, store, created_at, document, status, usage_bytes, version, body = row
    rest = _codec.decode(body)
    return VectorStoreFile(
        file_id=id_,
        store_id=store,
        created_at=created_at,
        document=document,
        status=status,
        usage_bytes=usage_bytes,
        version=version,
        chunking=rest.chunking,
        attributes=rest.attributes,
        error=rest.error,
        waits_since=rest.waits_since,
        windows=rest.windows,
    )


def _body(file: VectorStoreFile) -> str:
    body = _Body(
        chunking=file.chunking,
        attributes=file.attributes,
        error=file.error,
        waits_since=file.waits_since,
        windows=file.windows,
    )
    return encode(body)
