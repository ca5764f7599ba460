"""Stored runs: what each was asked to do (written once), and where it stands (written with every change)."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct, structs

from retinue.core.assistant import Metadata
from retinue.core.errors import Fenced, Locked, NotFound, Overtaken
from retinue.core.history import History, RunChange
from retinue.core.item import Message, ToolCall
from retinue.core.job import EXPIRE_RUN, Job
from retinue.core.paging import Page, PageQuery
from retinue.core.run import LEGAL, Run, RunIncompleteReason, Status, Transition
from retinue.core.step import RunError
from retinue.core.thread import Thread
from retinue.core.tools import searched
from retinue.core.usage import Usage
from retinue.core.vector_store import FilledStore
from retinue.store import (
    branches,
    collecting,
    executions,
    items,
    jobs,
    pages,
    spending,
    steps,
    store_rows,
    threads,
    turns,
)
from retinue.store.base import Database, Reader, Row, Transaction
from retinue.store.codec import Codec, encode

_COLUMNS = "body, state, status, fence, metadata"


class _State(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The fields of a run that change."""

    started_at: float | None
    ended_at: float | None
    error: RunError | None
    incomplete: RunIncompleteReason | None
    pending: tuple[ToolCall, ...]
    usage: Usage | None
    cost_usd: float | None
    transitions: tuple[Transition, ...]
    lost_drivers: int = 0


_runs = Codec(Run)


def _reachable(stored: Status, status: Status) -> bool:
    """Whether a driver may write `status`: it may have passed through in_progress since it last wrote."""
    return (
        status is stored or status in LEGAL[stored] or (stored is Status.QUEUED and status in LEGAL[Status.IN_PROGRESS])
    )


def _update_to(status: Status) -> str:
    reached_from = ", ".join(f"'{stored}'" for stored in Status if _reachable(stored, status))
    return (
        "UPDATE runs SET status = ?, state = ?"
        f" WHERE project = ? AND id = ? AND fence = ? AND status IN ({reached_from})"
    )


_UPDATES = {status: _update_to(status) for status in Status}
"""What a driver writes, by the status that its run has reached; it changes no row where that can't be."""


class Runs:
    """The runs of one project."""

    def __init__(self, database: Database, project: str) -> None:
        self._database = database
        self._project = project

    async def create(
        self,
        run: Run,
        messages: Sequence[Message] = (),
        *,
        new_thread: Thread | None = None,
        store: FilledStore | None = None,
    ) -> Thread:
        """Store a new run with the messages it brings, perhaps in a new thread; return the thread.

        `store` is made for the new thread. Raises Locked if a run is live.
        """

        async def work(tx: Transaction) -> Thread:
            if new_thread is not None:
                thread = await threads.create(tx, self._project, new_thread, messages, store=store)
            else:
                thread = await self._append_to(tx, run, messages)
            await insert(tx, self._project, run)
            expiry = Job(kind=EXPIRE_RUN, project=self._project, key=run.id, due=run.expires_at)
            await jobs.add(tx, expiry)
            if stores := searched(thread.tool_resources, run.spec.tool_resources):
                await store_rows.touch_all(tx, self._project, stores, at=run.created_at)
            return thread

        return await self._database.write(work, long=store is not None or items.are_many(messages))

    async def get(self, thread_id: str, id_: str) -> Run:
        """Return a run of the thread; raises NotFound."""
        return await self._of_thread(self._database, thread_id, id_)

    async def list(self, thread_id: str, query: PageQuery) -> Page[Run]:
        """Return a page of the thread's runs, by time of creation; raises NotFound."""
        listing = pages.Listing(
            table="runs",
            columns=_COLUMNS,
            where="project = ? AND thread = ?",
            values=(self._project, thread_id),
        )
        await threads.fetch(self._database, self._project, thread_id)
        rows, more = await pages.list_rows(self._database, listing, query)
        return Page(data=[_decode(row) for row in rows], has_more=more)

    async def history(self, id_: str) -> History:
        """Return all that is stored of the run; raises NotFound."""
        return await self._database.read(lambda tx: self._history(tx, id_))

    async def number_of(self, run: Run, call: ToolCall) -> int:
        """Return how many calls and outputs stand before a call of the run on its path: no other call there has this.

        A thread's calls are never deleted one by one, so what is found here stays true. Positions would do as well but
        for their size where messages were imported.
        """
        sql = (
            "SELECT count(*), count(*) FILTER (WHERE position <"
            " (SELECT position FROM items WHERE project = ? AND id = ?)) FROM items"
            " WHERE project = ? AND run = ? AND kind <> 'message'"
        )

        async def work(tx: Transaction) -> int:
            branch = await branches.get(tx, self._project, run.branch)
            row = await tx.one(sql, self._project, call.id, self._project, run.id)
            assert row is not None
            return branch.items - branch.messages - int(row[0]) + int(row[1])

        return await self._database.read(work)

    async def set_metadata(self, thread_id: str, id_: str, metadata: Metadata) -> Run:
        """Store other metadata and return the run; raises NotFound."""

        async def work(tx: Transaction) -> Run:
            run = await self._of_thread(tx, thread_id, id_)
            await tx.execute(
                "UPDATE runs SET metadata = ? WHERE project = ? AND id = ?",
                encode(metadata),
                self._project,
                id_,
            )
            return structs.replace(run, metadata=metadata)

        return await self._database.write(work)

    async def ask_to_cancel(self, thread_id: str, id_: str, *, check: Callable[[Run], None]) -> Run:
        """Mark the run as cancelling, unless `check` refuses; its driver tells the rest. Raises NotFound."""

        async def work(tx: Transaction) -> Run:
            run = await self._of_thread(tx, thread_id, id_)
            check(run)
            await tx.execute(
                "UPDATE runs SET status = ? WHERE project = ? AND id = ?",
                Status.CANCELLING,
                self._project,
                id_,
            )
            return structs.replace(run, status=Status.CANCELLING, pending=())

        return await self._database.write(work)

    async def take_over(self, id_: str) -> History:
        """Raise the run's fence, so that no other driver can write it any more, and return its history."""

        async def work(tx: Transaction) -> History:
            history = await self._history(tx, id_)
            if history.run.status.final:
                return history
            lost = history.run.lost_drivers + 1
            run = structs.replace(history.run, fence=history.run.fence + 1, lost_drivers=lost)
            await tx.execute(
                "UPDATE runs SET fence = ?, state = ? WHERE project = ? AND id = ?",
                run.fence,
                _state(run),
                self._project,
                id_,
            )
            return structs.replace(history, run=run)

        return await self._database.write(work)

    async def decide(self, thread_id: str, id_: str, decide: Callable[[History], RunChange]) -> History:
        """Store what `decide` makes of the run's history, unless it refuses; return the history after it."""

        async def work(tx: Transaction) -> History:
            await self._of_thread(tx, thread_id, id_)
            history = await self._history(tx, id_)
            change = decide(history)
            await self._write(tx, change)
            return history.after(change)

        return await self._database.write(work)

    def commit(self, change: RunChange) -> Awaitable[None]:
        """Store what a driver did. Raises Fenced if it isn't the run's any more, Overtaken if it must look again.

        The write is under way when this returns, whether or not it is awaited.
        """

        async def work(tx: Transaction) -> None:
            run = change.run
            update = _UPDATES[run.status]
            if not await tx.execute(update, run.status, _state(run), self._project, run.id, run.fence):
                raise await self._refusal(tx, run)
            await self._write_parts(tx, change)

        return self._database.write(work, long=bool(change.collected))

    async def _refusal(self, tx: Transaction, run: Run) -> Fenced | Overtaken:
        row = await tx.one("SELECT status, fence FROM runs WHERE project = ? AND id = ?", self._project, run.id)
        if row is None or row[1] != run.fence:
            return Fenced(f"Run {run.id} has another driver, or is gone.")
        return Overtaken(f"Run {run.id} is {row[0]} meanwhile.")

    async def _append_to(self, tx: Transaction, run: Run, messages: Sequence[Message]) -> Thread:
        thread = await threads.fetch(tx, self._project, run.thread_id)
        if live := await items.live_run(tx, self._project, run.branch):
            raise Locked(f"Thread {run.thread_id} already has an active run {live}.")
        if messages:
            branch = await branches.get(tx, self._project, run.branch)
            await items.append(tx, self._project, branch, messages)
        return await threads.fill(tx, self._project, thread, messages)

    async def _write(self, tx: Transaction, change: RunChange) -> None:
        run = change.run
        await tx.execute(
            "UPDATE runs SET status = ?, fence = ?, state = ? WHERE project = ? AND id = ?",
            run.status,
            run.fence,
            _state(run),
            self._project,
            run.id,
        )
        await self._write_parts(tx, change)

    async def _write_parts(self, tx: Transaction, change: RunChange) -> None:
        run = change.run
        await items.put(tx, self._project, run.branch, change.items)
        await steps.put(tx, self._project, change.steps)
        if change.executions:
            await executions.put(tx, self._project, change.executions)
        if change.turn is not None:
            await turns.insert(tx, self._project, change.turn)
            await spending.add(tx, self._project, run.thread_id, change.turn)
        for collected in change.collected:
            await collecting.collect(tx, self._project, collected)
        if run.status.final:
            await jobs.remove(tx, EXPIRE_RUN, self._project, run.id)

    async def _of_thread(self, reader: Reader, thread_id: str, id_: str) -> Run:
        row = await reader.one(
            f"SELECT {_COLUMNS} FROM runs WHERE project = ? AND id = ? AND thread = ?",
            self._project,
            id_,
            thread_id,
        )
        if row is None:
            await threads.fetch(reader, self._project, thread_id)
            raise NotFound("run", id_)
        return _decode(row)

    async def _history(self, tx: Transaction, id_: str) -> History:
        row = await tx.one(f"SELECT {_COLUMNS} FROM runs WHERE project = ? AND id = ?", self._project, id_)
        if row is None:
            raise NotFound("run", id_)
        run = _decode(row)
        may_serve = run.spec.may_serve  # most runs serve no calls, and need no look
        return History(
            run=run,
            turns=tuple(await turns.of_run(tx, self._project, id_)),
            steps=tuple(await steps.of_run(tx, self._project, id_)),
            items=tuple(await items.of_run(tx, self._project, id_)),
            executions=tuple(await executions.of_run(tx, self._project, id_)) if may_serve else (),
        )


async def insert(tx: Transaction, project: str, run: Run) -> None:
    """Store a new run."""
    await tx.execute(
        "INSERT INTO runs (project, id, thread, branch, created_at, status, fence, metadata, body, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        project,
        run.id,
        run.thread_id,
        run.branch,
        run.created_at,
        run.status,
        run.fence,
        encode(run.metadata),
        encode(run),
        _state(run),
    )


async def unfinished(reader: Reader) -> list[tuple[str, str]]:
    """Return (project, id) of every run that has work to do: all live ones but those that wait for their client."""
    # the very condition of the index of live runs, so that it serves; there are few of them
    rows = await reader.all(
        f"SELECT seq, project, id, status FROM runs WHERE status IN ({items.LIVE_STATUSES}) ORDER BY project, branch"
    )
    return [(project, id_) for _, project, id_, status in sorted(rows) if status != Status.REQUIRES_ACTION]


def _state(run: Run) -> str:
    return encode(
        _State(
            started_at=run.started_at,
            ended_at=run.ended_at,
            error=run.error,
            incomplete=run.incomplete,
            pending=run.pending,
            usage=run.usage,
            cost_usd=run.cost_usd,
            transitions=run.transitions,
            lost_drivers=run.lost_drivers,
        )
    )


def _decode(row: Row) -> Run:
    """Return the run of a row of COLUMNS: its parts make one JSON object, where the later of two values counts."""
    body, state, status, fence, metadata = row
    parts = f'{body[:-1]},{state[1:-1]},"status":"{status}","fence":{fence},"metadata":{metadata}'
    if status != Status.REQUIRES_ACTION:
        parts += ',"pending":[]'  # a wish to cancel is stored before its driver clears them
    return _runs.decode(parts + "}")
