"""Rows of vector stores."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.errors import NotFound
from retinue.core.vector_store import FileCounts, VectorStore
from retinue.store.base import Reader, Row, Transaction
from retinue.store.codec import Codec, encode

COLUMNS = "body, last_active_at, version, in_progress, completed, failed, cancelled, usage_bytes"

_codec = Codec(VectorStore)


async def fetch(reader: Reader, project: str, id_: str) -> VectorStore | None:
    """Return the vector store, if it is there."""
    row = await reader.one(f"SELECT {COLUMNS} FROM vector_stores WHERE project = ? AND id = ?", project, id_)
    return None if row is None else decode(row)


async def require(reader: Reader, project: str, id_: str) -> VectorStore:
    """Return the vector store; raises NotFound."""
    store = await fetch(reader, project, id_)
    if store is None:
        raise NotFound("vector_store", id_)
    return store


async def touch(tx: Transaction, project: str, store: VectorStore, *, at: float) -> None:
    """Note that a vector store is in use, unless that was noted just now: it expires the later."""
    if store.wants_touch(at):
        await set_last_active(tx, project, store.id, at=at)


async def set_last_active(tx: Transaction, project: str, id_: str, *, at: float | None) -> None:
    """Store when a vector store was last used."""
    await tx.execute("UPDATE vector_stores SET last_active_at = ? WHERE project = ? AND id = ?", at, project, id_)


async def touch_all(tx: Transaction, project: str, ids: Sequence[str], *, at: float) -> None:
    """Note that vector stores are in use: see `touch`. One that isn't there is passed over."""
    for id_ in sorted(set(ids)):  # in one order, so that no two transactions wait for each other
        if store := await fetch(tx, project, id_):
            await touch(tx, project, store, at=at)


def body(store: VectorStore) -> str:
    """The JSON of what no column holds."""
    bare = structs.replace(store, last_active_at=None, counts=FileCounts(), usage_bytes=0, version=0)
    return encode(bare)


def decode(row: Row) -> VectorStore:
    """Return the vector store of a row of COLUMNS."""
    stored, last_active_at, version, in_progress, completed, failed, cancelled, usage_bytes = row
    store = _codec.decode(stored)
    return structs.replace(
        store,
        last_active_at=last_active_at or store.created_at,
        version=version,
        counts=FileCounts(in_progress=in_progress, completed=completed, failed=failed, cancelled=cancelled),
        usage_bytes=usage_bytes,
    )
