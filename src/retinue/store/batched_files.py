"""Which batches a file in a vector store came with, and which of them still wait for it."""

from collections.abc import Collection, Sequence

from retinue.core.vector_store import FileStatus, VectorStoreFile
from retinue.store import many, store_counts
from retinue.store.base import Transaction

_ROWS = (
    "SELECT 1 FROM batched_files b"
    " WHERE b.project = vector_store_files.project AND b.document = vector_store_files.document AND b.batch"
)

OF_BATCH = f"EXISTS ({_ROWS} = ?)"
"""Conditions on rows of files: those of a batch,"""

AWAITED_ONLY_BY = (
    f"EXISTS ({_ROWS} = ? AND b.waits = 1) AND NOT EXISTS ({_ROWS} <> ? AND b.waits = 1)"
    f" AND EXISTS ({_ROWS} IS NOT NULL AND b.brought = 1)"
)
"""those for which this batch waits and no other does, and which were not attached by themselves (the batch, twice)."""


async def add(
    tx: Transaction, project: str, batch: str, files: Sequence[VectorStoreFile], *, before: Collection[str]
) -> None:
    """Let a new batch have these files; it waits for those that are still being read, and brought all but those before.

    `before` are documents.
    """
    rows = [
        (project, batch, file.document, int(file.status == "in_progress"), int(file.document not in before))
        for file in files
    ]
    await many.insert(tx, "batched_files (project, batch, document, waits, brought)", rows)


async def settled(tx: Transaction, project: str, document: str, status: FileStatus) -> None:
    """Count a file that is being read no longer in all batches that wait for it."""
    where = "project = ? AND document = ? AND waits = 1"
    batches = await tx.all(f"SELECT batch FROM batched_files WHERE {where}", project, document)
    for (batch,) in batches:
        await store_counts.change_batch(tx, project, batch, store_counts.moved("in_progress", status))
    if batches:
        await tx.execute(f"UPDATE batched_files SET waits = 0 WHERE {where}", project, document)


async def forget(tx: Transaction, project: str, document: str) -> None:
    """Let a file that leaves its vector store be of no batch; those that wait for it count it as cancelled."""
    await settled(tx, project, document, "cancelled")
    await tx.execute("DELETE FROM batched_files WHERE project = ? AND document = ?", project, document)


async def forget_all(tx: Transaction, project: str, store: str) -> None:
    """Let the batches of a vector store have no files any more."""
    batches = "SELECT id FROM file_batches WHERE project = ? AND store = ?"
    await tx.execute(f"DELETE FROM batched_files WHERE project = ? AND batch IN ({batches})", project, project, store)


async def give_up(tx: Transaction, project: str, batch: str) -> int:
    """Have a batch wait for nothing any more; return for how many files it did."""
    sql = "UPDATE batched_files SET waits = 0 WHERE project = ? AND batch = ? AND waits = 1"
    waited = await tx.execute(sql, project, batch)
    await store_counts.change_batch(tx, project, batch, store_counts.moved("in_progress", "cancelled", files=waited))
    return waited
