"""Rows of turns."""

from retinue.core.turn import Turn
from retinue.store.base import Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Turn)


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
