"""The table of durable work, for all projects: whoever works on it is one worker for everybody."""

from retinue.core.job import Job
from retinue.store.base import Database, Row, Transaction

_COLUMNS = "kind, project, key, due, attempts, fence"


class Jobs:
    """Jobs as a worker sees them: leased while it works, ticked off by the fence of the lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job) -> None:
        """Store a job, unless one of its kind and key is there."""
        await self._database.write(lambda tx: add(tx, job))

    async def next_due(self) -> float | None:
        """Return when the next job may be taken on; None if there is none."""
        row = await self._database.one("SELECT due FROM jobs ORDER BY due LIMIT 1")
        return None if row is None else float(row[0])

    async def lease(self, *, now: float, seconds: float, limit: int) -> list[Job]:
        """Take on jobs that are due: nobody else gets them before the lease runs out."""

        async def work(tx: Transaction) -> list[Job]:
            rows = await tx.all(f"SELECT {_COLUMNS} FROM jobs WHERE due <= ? ORDER BY due LIMIT ?", now, limit)
            for kind, project, key, *_ in rows:
                await tx.execute(
                    "UPDATE jobs SET due = ?, attempts = attempts + 1, fence = fence + 1"
                    " WHERE kind = ? AND project = ? AND key = ?",
                    now + seconds,
                    kind,
                    project,
                    key,
                )
            return [_leased(row) for row in rows]

        return await self._database.write(work)

    async def finish(self, job: Job) -> None:
        """Tick a leased job off, unless its lease ran out and another worker has it."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                "DELETE FROM jobs WHERE kind = ? AND project = ? AND key = ? AND fence = ?",
                job.kind,
                job.project,
                job.key,
                job.fence,
            )

        await self._database.write(work)

    async def postpone(self, job: Job, *, due: float) -> None:
        """Give a leased job back, to be taken on again at `due`."""

        async def work(tx: Transaction) -> None:
            await tx.execute(
                "UPDATE jobs SET due = ? WHERE kind = ? AND project = ? AND key = ? AND fence = ?",
                due,
                job.kind,
                job.project,
                job.key,
                job.fence,
            )

        await self._database.write(work)


async def add(tx: Transaction, job: Job) -> None:
    """Store a job within a larger transaction, unless one of its kind and key is there."""
    await tx.execute(
        "INSERT INTO jobs (kind, project, key, due, attempts, fence) VALUES (?, ?, ?, ?, 0, 0)"
        " ON CONFLICT (kind, project, key) DO NOTHING",
        job.kind,
        job.project,
        job.key,
        job.due,
    )


async def remove(tx: Transaction, kind: str, project: str, key: str) -> None:
    """Drop a job that has become needless."""
    await tx.execute("DELETE FROM jobs WHERE kind = ? AND project = ? AND key = ?", kind, project, key)


def _leased(row: Row) -> Job:
    kind, project, key, due, attempts, fence = row
    return Job(kind=kind, project=project, key=key, due=due, attempts=attempts + 1, fence=fence + 1)
