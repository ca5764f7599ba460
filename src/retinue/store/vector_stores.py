"""Stored vector stores and the files in them."""

from collections.abc import Sequence

from retinue.core.assistant import AttachedFile
from retinue.core.vector_store import VectorStore
from retinue.store.base import Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(VectorStore)


async def files_of(tx: Transaction, project: str, store: str) -> list[AttachedFile]:
    """Return the files of a store, in the order in which they came."""
    rows = await tx.all(
        "SELECT id, created_at FROM vector_store_files WHERE project = ? AND store = ? ORDER BY created_at, seq",
        project,
        store,
    )
    return [AttachedFile(file_id=id_, attached_at=created_at) for id_, created_at in rows]


async def fetch(tx: Transaction, project: str, id_: str) -> VectorStore | None:
    """Return the store, if it is there."""
    row = await tx.one("SELECT body FROM vector_stores WHERE project = ? AND id = ?", project, id_)
    return None if row is None else _codec.decode(row[0])


async def put(tx: Transaction, project: str, store: VectorStore, files: Sequence[AttachedFile]) -> None:
    """Make the store if it isn't there, and let it hold these files and no others."""
    await tx.execute(
        "INSERT INTO vector_stores (project, id, created_at, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (project, id) DO NOTHING",
        project,
        store.id,
        store.created_at,
        encode(store),
    )
    wanted = {file.file_id: file for file in files}
    there = {file.file_id for file in await files_of(tx, project, store.id)}
    for id_ in there - wanted.keys():
        await tx.execute(
            "DELETE FROM vector_store_files WHERE project = ? AND store = ? AND id = ?", project, store.id, id_
        )
    for id_, file in wanted.items():
        if id_ not in there:
            await tx.execute(
                "INSERT INTO vector_store_files (project, store, id, created_at, body) VALUES (?, ?, ?, ?, '{}')",
                project,
                store.id,
                id_,
                file.attached_at,
            )


async def delete(tx: Transaction, project: str, id_: str) -> None:
    """Delete the store; its files stay files."""
    await tx.execute("DELETE FROM vector_store_files WHERE project = ? AND store = ?", project, id_)
    await tx.execute("DELETE FROM vector_stores WHERE project = ? AND id = ?", project, id_)
