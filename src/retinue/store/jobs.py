"""The table of durable work, for all projects: whoever works on it is one worker for everybody."""

import secrets
from collections.abc import Collection, Mapping, Sequence

from retinue.core.job import Job
from retinue.store import many
from retinue.store.base import Database, Row, Transaction

_COLUMNS = "kind, project, key, due, attempts, fence"


class Jobs:
    """Jobs as a worker sees them: leased while it works, ticked off by the fence of the lease."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, job: Job) -> None:
        """Store a job, unless one of its kind and key is there."""
        await self._database.write(lambda tx: add(tx, job))

    async def next_due(self, *kinds: str) -> float | None:
        """Return when the next job of these kinds may be taken on; None if there is none."""
        first = "SELECT min(due) AS due FROM jobs WHERE kind = ?"  # of each kind: the first of its index
        row = await self._database.one(f"SELECT min(due) FROM ({' UNION ALL '.join([first] * len(kinds))}) d", *kinds)
        return None if row is None or row[0] is None else float(row[0])

    async def lease(self, limits: Mapping[str, int], *, now: float, seconds: float) -> list[Job]:
        """Take on jobs that are due, so many of each kind at most: nobody else gets them before the lease runs out."""

        async def work(tx: Transaction) -> list[Job]:
            sql = f"SELECT {_COLUMNS} FROM jobs WHERE kind = ? AND due <= ? ORDER BY due LIMIT ?"
            rows = [row for kind, limit in limits.items() if limit for row in await tx.all(sql, kind, now, limit)]
            return [await _lease(tx, row, until=now + seconds) for row in rows]

        return await self._database.write(work)

    async def waiting(self, kind: str, *, now: float) -> list[str]:
        """Return the projects that have jobs of this kind which are due."""
        first = "SELECT min(project) FROM jobs WHERE kind = ?"  # and so on, from one project to the next
        rows = await self._database.all(
            f"WITH RECURSIVE known(project) AS ({first} UNION ALL"
            f" SELECT ({first} AND project > known.project) FROM known WHERE known.project IS NOT NULL)"
            " SELECT project FROM known WHERE project IS NOT NULL AND"
            f" EXISTS (SELECT 1 FROM jobs WHERE {_of(kind)} AND jobs.project = known.project AND due <= ?)",
            kind,
            kind,
            now,
        )
        return [row[0] for row in rows]

    async def lease_of(self, project: str, kind: str, *, now: float, seconds: float) -> list[Job]:
        """Take on the first job of this kind that is due in a project, if there is one."""

        async def work(tx: Transaction) -> list[Job]:
            where = f"{_of(kind)} AND project = ? AND due <= ?"
            rows = await tx.all(f"SELECT {_COLUMNS} FROM jobs WHERE {where} ORDER BY due LIMIT 1", project, now)
            return [await _lease(tx, row, until=now + seconds) for row in rows]

        return await self._database.write(work)

    async def renew(self, job: Job, *, until: float) -> bool:
        """Hold on to a leased job; return False if another worker has it, or if it has become needless."""
        return await self._give(job, due=until, attempts=job.attempts)

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
        await self._give(job, due=due, attempts=job.attempts)

    async def give_back(self, job: Job) -> None:
        """Give a leased job back as if it had never been taken on."""
        await self._give(job, due=job.due, attempts=job.attempts - 1)

    async def bring_forward(self, kind: str, *, now: float, beyond: float) -> int:
        """Make due the jobs of a kind that are due later than `beyond`; return how many there were."""

        async def work(tx: Transaction) -> int:
            return await tx.execute("UPDATE jobs SET due = ? WHERE kind = ? AND due > ?", now, kind, beyond)

        return await self._database.write(work, long=True)

    async def recall(self, kinds: Collection[str], *, now: float) -> None:
        """Make due what was taken on before: for a worker that is alone, and knows that those before it are dead."""

        async def work(tx: Transaction) -> None:
            sql = "UPDATE jobs SET due = 0 WHERE kind = ? AND fence > 0 AND due > ?"
            for kind in kinds:
                await tx.execute(sql, kind, now)

        await self._database.write(work, long=True)

    async def _give(self, job: Job, *, due: float, attempts: int) -> bool:
        """Set when a leased job is due; return whether the lease still held."""

        async def work(tx: Transaction) -> bool:
            changed = await tx.execute(
                "UPDATE jobs SET due = ?, attempts = ? WHERE kind = ? AND project = ? AND key = ? AND fence = ?",
                due,
                attempts,
                job.kind,
                job.project,
                job.key,
                job.fence,
            )
            return changed > 0

        return await self._database.write(work)


async def add(tx: Transaction, job: Job) -> None:
    """Store a job within a larger transaction, unless one of its kind and key is there."""
    await add_all(tx, [job])


async def add_all(tx: Transaction, jobs: Sequence[Job]) -> None:
    """Store jobs: see `add`."""
    rows = [(job.kind, job.project, job.key, job.due, 0, 0) for job in jobs]
    await many.insert(tx, f"jobs ({_COLUMNS})", rows, otherwise="ON CONFLICT (kind, project, key) DO NOTHING")


async def remove(tx: Transaction, kind: str, project: str, key: str) -> None:
    """Drop a job that has become needless."""
    await tx.execute("DELETE FROM jobs WHERE kind = ? AND project = ? AND key = ?", kind, project, key)


def _of(kind: str) -> str:
    """Say the kind in the statement itself: an index that holds one kind alone serves no statement with a parameter."""
    assert kind.isidentifier(), kind
    return f"kind = '{kind}'"


async def _lease(tx: Transaction, row: Row, *, until: float) -> Job:
    kind, project, key, due, attempts, _ = row
    job = Job(kind=kind, project=project, key=key, due=due, attempts=attempts + 1, fence=secrets.randbits(63))
    await tx.execute(
        "UPDATE jobs SET due = ?, attempts = ?, fence = ? WHERE kind = ? AND project = ? AND key = ?",
        until,
        job.attempts,
        job.fence,
        kind,
        project,
        key,
    )
    return job
