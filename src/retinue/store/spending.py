"""What threads have cost, added up as their turns are stored."""

from retinue.core.spending import Spending
from retinue.core.turn import Turn
from retinue.core.usage import Usage
from retinue.store.base import Database, Row, Transaction

_SUMS = ("turns", "prompt", "completion", "cached", "reasoning", "estimated", "cost_usd", "unpriced")
_COLUMNS = ", ".join(_SUMS)
_ADDED = ", ".join(f"{column} = spending.{column} + excluded.{column}" for column in _SUMS)


class Spendings:
    """What the threads of one project have cost."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def of_thread(self, id_: str) -> Spending | None:
        """Return what the thread has cost; None if no turn of it is stored, or it isn't there."""
        sql = f"SELECT {_COLUMNS} FROM spending WHERE project = ? AND thread = ?"
        row = await self._database.one(sql, self._project, id_)
        return None if row is None else _decode(row)


async def add(tx: Transaction, project: str, thread: str, turn: Turn) -> None:
    """Count a turn that is stored in the same transaction."""
    usage = turn.usage
    await tx.execute(
        f"INSERT INTO spending (project, thread, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT (project, thread) DO UPDATE SET {_ADDED}",
        project,
        thread,
        1,
        usage.prompt,
        usage.completion,
        usage.cached,
        usage.reasoning,
        int(usage.estimated),
        turn.cost_usd or 0.0,
        int(turn.cost_usd is None),
    )


async def remove(tx: Transaction, project: str, thread: str) -> None:
    """Forget what a thread has cost."""
    await tx.execute("DELETE FROM spending WHERE project = ? AND thread = ?", project, thread)


def _decode(row: Row) -> Spending:
    turns, prompt, completion, cached, reasoning, estimated, cost_usd, unpriced = row
    return Spending(
        turns=turns,
        usage=Usage(
            prompt=prompt, completion=completion, cached=cached, reasoning=reasoning, estimated=bool(estimated)
        ),
        cost_usd=None if unpriced == turns else cost_usd,
        unpriced=unpriced,
    )
