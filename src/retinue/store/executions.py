"""Rows of executions."""

from collections.abc import Sequence

from retinue.core.execution import Execution
from retinue.store.base import Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Execution)


async def put(tx: Transaction, project: str, executions: Sequence[Execution]) -> None:
    """Write executions that may be there already."""
    for execution in executions:
        await tx.execute(
            "INSERT INTO executions (project, run, step, call, started_at, body) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (project, run, step, call) DO UPDATE SET body = excluded.body",
            project,
            execution.run_id,
            execution.step_id,
            execution.call_id,
            execution.started_at,
            encode(execution),
        )


async def of_run(tx: Transaction, project: str, run: str) -> list[Execution]:
    """Return the run's executions by the time when they began."""
    rows = await tx.all(
        "SELECT body FROM executions WHERE project = ? AND run = ? ORDER BY started_at, step, call", project, run
    )
    return [_codec.decode(row[0]) for row in rows]
