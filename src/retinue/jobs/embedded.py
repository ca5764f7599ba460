"""The worker of a single process: sleeps until the next job is due, does it, sleeps again."""

import asyncio
from collections.abc import Mapping

import structlog

from retinue.core.clock import Clock
from retinue.core.errors import StoreFault
from retinue.core.job import Job
from retinue.jobs.base import Handler, JobTable

log = structlog.get_logger()

_LEASE_S = 60.0
_BATCH = 100
_LONGEST_SLEEP_S = 1.0  # so that a job that is added meanwhile, and due sooner, waits no longer
_RETRY_S = (1.0, 5.0, 30.0, 300.0)  # pauses after a handler failed; the last one repeats


class EmbeddedWorker:
    """Does the jobs of a table, each kind by its handler."""

    def __init__(self, table: JobTable, handlers: Mapping[str, Handler], *, clock: Clock) -> None:
        self._table, self._handlers, self._clock = table, handlers, clock
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._work(), name="jobs")

    async def stop(self) -> None:
        """Stop working; a job that was under way is done again by the next worker."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def do_due(self) -> int:
        """Do the jobs that are due now, side by side; return how many."""
        jobs = await self._table.lease(now=self._clock(), seconds=_LEASE_S, limit=_BATCH)
        await asyncio.gather(*map(self._do, jobs))
        return len(jobs)

    async def _work(self) -> None:
        while True:
            try:
                due = await self._table.next_due()
                if due is not None and due <= self._clock() and await self.do_due():
                    continue
            except StoreFault as fault:
                log.error("jobs_not_read", why=fault.message)
                due = None
            wait = _LONGEST_SLEEP_S if due is None else due - self._clock()
            await asyncio.sleep(max(0.01, min(wait, _LONGEST_SLEEP_S)))

    async def _do(self, job: Job) -> None:
        try:
            await self._handlers[job.kind](job)
            await self._table.finish(job)
        except Exception as fault:
            pause = _RETRY_S[min(job.attempts - 1, len(_RETRY_S) - 1)]
            about = {"kind": job.kind, "key": job.key, "attempts": job.attempts, "next_try_in_s": pause}
            known = isinstance(fault, StoreFault)  # a full disk is told in one line, a mistake with its trace
            log.error("job_failed", **about, why=str(fault), exc_info=not known)
            try:
                await self._table.postpone(job, due=self._clock() + pause)
            except StoreFault:
                log.warning("job_keeps_its_lease", kind=job.kind, key=job.key)  # it runs out by itself
