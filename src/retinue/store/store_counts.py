"""How many files of each status vector stores and batches have: kept with every change, for it is asked often."""

from collections.abc import Mapping

from retinue.core.vector_store import FileStatus
from retinue.store.base import Transaction

Changes = Mapping[FileStatus, int]


async def change(tx: Transaction, project: str, store: str, changes: Changes, *, usage_bytes: int = 0) -> int:
    """Keep the counts of a vector store whose files changed; return its new version."""
    await tx.execute(
        f"UPDATE vector_stores SET version = version + 1, usage_bytes = usage_bytes + ?{_sets(changes)}"
        " WHERE project = ? AND id = ?",
        usage_bytes,
        project,
        store,
    )
    row = await tx.one("SELECT version FROM vector_stores WHERE project = ? AND id = ?", project, store)
    return row[0] if row else 0


async def change_batch(tx: Transaction, project: str, batch: str, changes: Changes) -> None:
    """Keep the counts of a batch. Their sum stays: what leaves unread counts as cancelled."""
    if changes:
        sql = f"UPDATE file_batches SET {_sets(changes)[2:]} WHERE project = ? AND id = ?"
        await tx.execute(sql, project, batch)


async def empty(tx: Transaction, project: str, store: str) -> None:
    """Let a vector store count no files any more, and its batches none that are still being read."""
    await tx.execute(
        "UPDATE vector_stores SET in_progress = 0, completed = 0, failed = 0, cancelled = 0, usage_bytes = 0,"
        " version = version + 1 WHERE project = ? AND id = ?",
        project,
        store,
    )
    await tx.execute(
        "UPDATE file_batches SET cancelled = cancelled + in_progress, in_progress = 0 WHERE project = ? AND store = ?",
        project,
        store,
    )


def moved(before: FileStatus, after: FileStatus, *, files: int = 1) -> dict[FileStatus, int]:
    """Return what changes where files go from one status to another."""
    return {before: -files, after: files} if before != after and files else {}


def _sets(changes: Changes) -> str:
    return "".join(f", {status} = {status} + {change:d}" for status, change in changes.items())
