"""The seam to durable work: a table that jobs are leased from, and what handles each kind."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

from retinue.core.errors import RetinueError
from retinue.core.job import Job

Handler = Callable[[Job], Awaitable[None]]
"""Does a job. It may be called again for the same job: after a crash, or when it raised; see `NotNow`."""


class NotNow(RetinueError):
    """Raised by a handler: what a job needs is away for now, in a sentence. It is tried again after a pause.

    Such a try is not counted: the attempts of a job tell how often it failed, or took its process down with it.
    """

    def __init__(self, message: str, *, pause_s: float) -> None:
        super().__init__(message)
        self.pause_s = pause_s


class JobTable(Protocol):
    """Where jobs wait. A job that was added is done at least once, whatever dies."""

    async def add(self, job: Job) -> None:
        """Store a job, unless one of its kind and key is there."""
        ...

    async def next_due(self, *kinds: str) -> float | None:
        """Return when the next job of these kinds may be taken on; None if there is none."""
        ...

    async def lease(self, limits: Mapping[str, int], *, now: float, seconds: float) -> list[Job]:
        """Take on jobs that are due, so many of each kind at most: nobody else gets them before the lease runs out."""
        ...

    async def waiting(self, kind: str, *, now: float) -> list[str]:
        """Return the projects that have jobs of this kind which are due."""
        ...

    async def lease_of(self, project: str, kind: str, *, now: float, seconds: float) -> list[Job]:
        """Take on the first job of this kind that is due in a project, if there is one."""
        ...

    async def renew(self, job: Job, *, until: float) -> bool:
        """Hold on to a leased job; return False if another worker has it, or if it has become needless."""
        ...

    async def finish(self, job: Job) -> None:
        """Tick a leased job off, unless its lease ran out and another worker has it."""
        ...

    async def postpone(self, job: Job, *, due: float) -> None:
        """Give a leased job back, to be taken on again at `due`."""
        ...

    async def give_back(self, job: Job) -> None:
        """Give a leased job back as if it had never been taken on."""
        ...

    async def bring_forward(self, kind: str, *, now: float, beyond: float) -> int:
        """Make due the jobs of a kind that are due later than `beyond`; return how many there were."""
        ...

    async def recall(self, kinds: Collection[str], *, now: float) -> None:
        """Make due what was taken on before: for a worker that is alone, and knows that those before it are dead."""
        ...
