"""Rows of turns."""

from msgspec import Struct

from retinue.core.run import Run
from retinue.core.turn import Manifest, Turn
from retinue.store.base import Database, Transaction
from retinue.store.codec import Codec, encode


class _Shown(Struct):
    """Of a turn, what its model was shown."""

    manifest: Manifest


_codec = Codec(Turn)
_shown = Codec(_Shown)

_RUNS = 8  # before a run that are looked through for a turn: one that failed at once has none


class Turns:
    """The turns of one project's runs."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def manifest_before(self, run: Run) -> Manifest | None:
        """Return what the last turn over the same branch before this run was shown; None if there was none."""
        runs = await self._database.all(
            f"SELECT id, branch FROM runs WHERE project = ? AND thread = ? AND created_at <= ?"
            f" ORDER BY created_at DESC, seq DESC LIMIT {_RUNS}",
            self._project,
            run.thread_id,
            run.created_at,
        )
        for id_, branch in runs:
            if id_ != run.id and branch == run.branch and (manifest := await self._last_manifest(id_)):
                return manifest
        return None

    async def _last_manifest(self, run: str) -> Manifest | None:
        sql = "SELECT body FROM turns WHERE project = ? AND run = ? ORDER BY number DESC LIMIT 1"
        row = await self._database.one(sql, self._project, run)
        return None if row is None else _shown.decode(row[0]).manifest


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
