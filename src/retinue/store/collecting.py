"""What code left behind, stored together with what its call came to."""

from retinue.core.container import Collected
from retinue.core.container_paths import is_path
from retinue.core.job import CLEAR_BLOB, Job
from retinue.store import container_files, container_rows, files, jobs
from retinue.store.base import Transaction


async def collect(tx: Transaction, project: str, collected: Collected) -> None:
    """Store new files, and what changed in the container; a job clears away the bytes that have no owner by it.

    A container that was deleted meanwhile, or is over, takes no files; those that code wrote are stored all the same.
    """
    for file in collected.files:
        await files.insert(tx, project, file)
    at = collected.container.last_active_at
    container = await container_rows.fetch(tx, project, collected.container.id)
    if container is None or container.is_over(at):
        left = [placed.blob for placed in collected.placed]
    else:
        left = await _place(tx, project, collected)
        await container_rows.touch(tx, project, container, at=at)
    unowned = [Job(kind=CLEAR_BLOB, project=project, key=blob, due=0.0) for blob in left if blob is not None]
    await jobs.add_all(tx, unowned)


async def _place(tx: Transaction, project: str, collected: Collected) -> list[str | None]:
    """Change the container's files; return the blobs that have no owner any more. What has no place is left out."""
    container = collected.container.id
    left = [await container_files.remove_path(tx, project, container, path) for path in collected.removed]
    named = [placed.file_id for placed in collected.placed if placed.file_id is not None]
    there = await container_files.files_there(tx, project, named)
    for placed in collected.placed:
        kept = placed.file_id is None or placed.file_id in there
        if kept and is_path(placed.path) and await container_files.has_room(tx, project, placed):
            left.append(await container_files.put(tx, project, placed))
        else:
            left.append(placed.blob)
    return left
