"""Rows of turns."""

from retinue.core.run import Run
from retinue.core.turn import Turn
from retinue.store.base import Database, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Turn)

_RUNS = 8  # before a run that are looked through for a turn: one that failed at once has none


class Turns:
    """The turns of one project's runs."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def before(self, run: Run) -> Turn | None:
        """Return the last turn of the runs over the same branch before this one; None if it is the first."""

        async def work(tx: Transaction) -> Turn | None:
            runs = await tx.all(
                f"SELECT id, branch FROM runs WHERE project = ? AND thread = ? AND created_at <= ?"
                f" ORDER BY created_at DESC, seq DESC LIMIT {_RUNS}",
                self._project,
                run.thread_id,
                run.created_at,
            )
            for id_, branch in runs:
                if id_ != run.id and branch == run.branch and (turn := await _last(tx, self._project, id_)):
                    return turn
            return None

        return await self._database.read(work)


async def insert(tx: Transaction, project: str, turn: Turn) -> None:
    """Store a turn that ended."""
    await tx.execute(
        "INSERT INTO turns (project, run, number, body) VALUES (?, ?, ?, ?)",
        project,
        turn.run_id,
        turn.index,
        encode(turn),
    )


async def of_run(tx: Transaction, project: str, run: str) -> list[Turn]:
    """Return the run's turns in order."""
    rows = await tx.all("SELECT body FROM turns WHERE project = ? AND run = ? ORDER BY number", project, run)
    return [_codec.decode(row[0]) for row in rows]


async def _last(tx: Transaction, project: str, run: str) -> Turn | None:
    row = await tx.one(
        "SELECT body FROM turns WHERE project = ? AND run = ? ORDER BY number DESC LIMIT 1", project, run
    )
    return None if row is None else _codec.decode(row[0])
