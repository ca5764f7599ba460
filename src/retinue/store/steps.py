"""Stored steps of runs."""

from collections.abc import Sequence

from retinue.core.paging import Page, PageQuery
from retinue.core.step import Step
from retinue.store import pages
from retinue.store.base import Database, Transaction
from retinue.store.codec import Codec, encode

_codec = Codec(Step)


class Steps:
    """The steps of one project's runs."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def list(self, run: str, query: PageQuery) -> Page[Step]:
        """Return a page of a run's steps, by time of creation."""
        listing = pages.Listing(
            table="steps", columns="body", where="project = ? AND run = ?", values=(self._project, run)
        )
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=[_codec.decode(row[0]) for row in rows], has_more=more)


async def put(tx: Transaction, project: str, steps: Sequence[Step]) -> None:
    """Write steps that may be there already."""
    for step in steps:
        await tx.execute(
            "INSERT INTO steps (project, id, run, created_at, body) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (project, id) DO UPDATE SET body = excluded.body",
            project,
            step.id,
            step.run_id,
            step.created_at,
            encode(step),
        )


async def of_run(tx: Transaction, project: str, run: str) -> list[Step]:
    """Return the run's steps in order."""
    rows = await tx.all("SELECT body FROM steps WHERE project = ? AND run = ? ORDER BY created_at, seq", project, run)
    return [_codec.decode(row[0]) for row in rows]
