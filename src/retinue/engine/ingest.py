"""The job that makes a file in a vector store searchable."""

import structlog

from retinue.core.errors import StoreFault
from retinue.core.job import Job
from retinue.core.vector_store import DAY_S, FileError
from retinue.engine.engine import Engine
from retinue.jobs import NotNow
from retinue.knowledge import IngestFault
from retinue.store import Scope

log = structlog.get_logger()

TRIES = 4
"""Of a file that breaks the server down, by an exception or an end that nobody could catch; or that is refused."""

PATIENCE_S = DAY_S
"""How long after its first try a file waits for what it takes, such as the provider of its embeddings."""

_PAUSES_S = (5.0, 900.0)  # the shortest and the longest between two tries
_STORE_PAUSE_S = 30.0
_BROKE_DOWN = "This server broke down over the file again and again; its log says why. Split the file, or save it anew."


async def ingest(engine: Engine, job: Job) -> None:
    """Do a job of kind `ingest_document`; raises what went wrong while it is worth another try."""
    scope = engine.store.scoped(job.project)
    if job.attempts > TRIES:  # the last one ended with the process
        await _give_up(scope, job, _BROKE_DOWN)
        return
    try:
        await engine.knowledge.ingest(scope, job.key)
    except StoreFault as fault:  # such as a full disk: no fault of the file's, however long it lasts
        raise NotNow(fault.message, pause_s=_STORE_PAUSE_S) from fault
    except IngestFault as fault:
        if fault.refused and job.attempts < TRIES:
            raise
        now = engine.clock()
        waited_s = now - await scope.vector_store_files.waits_since(job.key, at=now)
        if waited_s < PATIENCE_S and not fault.refused:
            raise NotNow(fault.message, pause_s=_pause_s(waited_s)) from fault
        await _give_up(scope, job, fault.message)
    except Exception:
        if job.attempts < TRIES:
            raise
        log.exception("ingest_broke_down", document=job.key)
        await _give_up(scope, job, _BROKE_DOWN)


async def _give_up(scope: Scope, job: Job, why: str) -> None:
    log.error("file_given_up", document=job.key, attempts=job.attempts, why=why)
    await scope.vector_store_files.settle(job.key, error=FileError(code="server_error", message=why))


def _pause_s(waited_s: float) -> float:
    """A quarter of the time that the file has waited: an outage that lasts is asked about less and less."""
    shortest, longest = _PAUSES_S
    return min(max(waited_s / 4, shortest), longest)
