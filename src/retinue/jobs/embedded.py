"""The worker of a single process: sleeps until the next job is due, begins it, sleeps again."""

import asyncio
import contextlib
from collections.abc import Mapping

import structlog
from msgspec import Struct, structs

from retinue.core.clock import Clock
from retinue.core.errors import RetinueError, StoreFault
from retinue.core.job import Job
from retinue.jobs.base import Handler, JobTable, NotNow
from retinue.jobs.set_back import SetBack
from retinue.jobs.turns import Turns

log = structlog.get_logger()

PLACES = 100
"""Jobs of one kind that are done side by side, unless told otherwise."""

_LEASE_S = 60.0
_RENEWED_S = 30.0  # before its end
_LONGEST_SLEEP_S = 1.0  # so that a job that is added unheard, and due sooner, waits no longer
_RETRY_S = (1.0, 5.0, 30.0, 300.0)  # pauses after a handler failed; the last one repeats

Key = tuple[str, str, str]


class _Begun(Struct):
    """A job that is being done."""

    job: Job
    task: asyncio.Task[None]
    leased_until: float
    let_go: bool = False
    """It was cancelled, and may still be clearing up."""


class EmbeddedWorker:
    """Does the jobs of a table, each kind by its handler. A kind whose places are all taken holds up no other."""

    def __init__(
        self,
        table: JobTable,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock,
        places: Mapping[str, int] | None = None,
        longest_waits: Mapping[str, float] | None = None,
        added: asyncio.Event | None = None,
    ) -> None:
        """`places` are kinds of which fewer are done side by side: in these, projects take turns, and have one job done
        at a time, in the order in which they are due. `longest_waits` are kinds whose jobs are never due further ahead
        than so many seconds, unless the clock was set back: then they are due at once. `added` is set when there may be
        a new job.
        """
        self._table, self._handlers, self._clock = table, handlers, clock
        self._places = dict.fromkeys(handlers, PLACES) | (dict(places) if places else {})
        self._turns = {kind: Turns() for kind in places or ()}
        self._longest_waits, self._set_back = longest_waits or {}, SetBack(clock)
        self._begun: dict[Key, _Begun] = {}
        self._woken = added or asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work. Nobody else may: what another worker has taken on is done again."""
        self._task = asyncio.create_task(self._work(), name="jobs")

    async def stop(self) -> None:
        """Stop working; a job that was under way is given back, for the next worker."""
        under_way = [begun.task for begun in self._begun.values()]
        for task in (*under_way, self._task):
            if task:
                task.cancel()
        await asyncio.gather(*under_way, *filter(None, [self._task]), return_exceptions=True)

    async def do_due(self) -> int:
        """Do the jobs that are due now and find a place; return how many."""
        begun = await self._take_on()
        await asyncio.gather(*begun)
        return len(begun)

    async def _work(self) -> None:
        recalled = False
        while True:
            self._woken.clear()
            wait = _LONGEST_SLEEP_S
            try:
                if not recalled:
                    await self._table.recall(self._handlers, now=self._clock())
                    recalled = True
                wait = await self._look()
            except StoreFault as fault:
                log.error("jobs_not_read", why=fault.message)
            except Exception:  # a mistake of ours or of a driver: nobody else would do the jobs
                log.exception("jobs_not_read")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):  # 3.11's `wait_for` may swallow the cancellation of a stop
                    await self._woken.wait()

    async def _look(self) -> float:
        """Begin what is due; return for how many seconds nothing will be."""
        if self._set_back.noticed():
            await self._bring_forward()
        await self._renew()
        free = [kind for kind, places in self._free().items() if places]
        due = await self._table.next_due(*free) if free else None
        if due is None:
            return _LONGEST_SLEEP_S
        if due <= self._clock():
            return 0.0 if await self._take_on() else _LONGEST_SLEEP_S
        return max(0.01, min(due - self._clock(), _LONGEST_SLEEP_S))

    async def _take_on(self) -> list[asyncio.Task[None]]:
        now = self._clock()
        free = self._free()
        jobs = await self._table.lease(
            {kind: places for kind, places in free.items() if kind not in self._turns}, now=now, seconds=_LEASE_S
        )
        for kind in self._turns:
            jobs += await self._take_turns(kind, free[kind], now=now)
        for job in jobs:
            if _key(job) in self._begun:  # it was dropped and added anew: its time comes when the old one has ended
                await self._table.give_back(job)
        return [self._begin(job, now + _LEASE_S) for job in jobs if _key(job) not in self._begun]

    async def _take_turns(self, kind: str, places: int, *, now: float) -> list[Job]:
        if places <= 0:
            return []
        busy = {begun.job.project for begun in self._begun.values() if begun.job.kind == kind}
        waiting = set(await self._table.waiting(kind, now=now)) - busy
        jobs: list[Job] = []
        while waiting and len(jobs) < places:
            project = self._turns[kind].next(waiting)
            waiting.remove(project)
            jobs += await self._table.lease_of(project, kind, now=now, seconds=_LEASE_S)
        return jobs

    def _begin(self, job: Job, leased_until: float) -> asyncio.Task[None]:
        task = asyncio.create_task(self._do(job), name=f"{job.kind} {job.key}")
        self._begun[_key(job)] = _Begun(job, task, leased_until)
        began = self._clock()
        task.add_done_callback(lambda _: self._let_go(job, began))
        return task

    def _let_go(self, job: Job, began: float) -> None:
        del self._begun[_key(job)]
        if job.kind in self._turns:
            self._turns[job.kind].took(job.project, self._clock() - began)
        self._woken.set()  # there is a place

    def _free(self) -> dict[str, int]:
        """How many more of each kind have a place."""
        free = dict(self._places)
        for begun in self._begun.values():
            free[begun.job.kind] -= 1
        return free

    async def _renew(self) -> None:
        """Hold on to what takes long; let go of what another worker has, or what has become needless."""
        now = self._clock()
        held = [each for each in self._begun.values() if not each.let_go]
        for begun in [each for each in held if each.leased_until < now + _RENEWED_S]:
            if await self._table.renew(begun.job, until=now + _LEASE_S):
                begun.leased_until = now + _LEASE_S
            else:
                begun.let_go = True
                begun.task.cancel()

    async def _bring_forward(self) -> None:
        """Make due what waits for the time that the clock showed before it was set back."""
        for begun in self._begun.values():
            begun.leased_until = 0.0
        await self._renew()  # what is being done is not begun again
        now = self._clock()
        for kind, longest_s in self._longest_waits.items():
            if count := await self._table.bring_forward(kind, now=now, beyond=now + longest_s):
                log.warning("jobs_brought_forward", kind=kind, jobs=count, why="The clock was set back.")
        self._set_back.seen_to()

    async def _do(self, job: Job) -> None:
        try:
            await self._handlers[job.kind](job)
            await self._table.finish(job)
        except asyncio.CancelledError:
            with contextlib.suppress(StoreFault):  # its lease runs out, or the next start recalls it
                await self._table.give_back(job)
            raise
        except NotNow as fault:
            await self._wait(job, fault)
        except Exception as fault:
            await self._try_later(job, fault)

    async def _wait(self, job: Job, fault: NotNow) -> None:
        log.warning("job_waits", kind=job.kind, key=job.key, next_try_in_s=fault.pause_s, why=fault.message)
        with contextlib.suppress(StoreFault):  # its lease runs out by itself
            await self._table.give_back(structs.replace(job, due=self._clock() + fault.pause_s))

    async def _try_later(self, job: Job, fault: Exception) -> None:
        pause = _RETRY_S[min(job.attempts - 1, len(_RETRY_S) - 1)]
        about = {"kind": job.kind, "key": job.key, "attempts": job.attempts, "next_try_in_s": pause}
        known = isinstance(fault, RetinueError)  # a full disk is told in one line, a mistake with its trace
        log.error("job_failed", **about, why=str(fault), exc_info=not known)
        try:
            await self._table.postpone(job, due=self._clock() + pause)
        except StoreFault:
            log.warning("job_keeps_its_lease", kind=job.kind, key=job.key)  # it runs out by itself


def _key(job: Job) -> Key:
    return (job.kind, job.project, job.key)
