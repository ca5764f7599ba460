"""The job that makes a file in a vector store searchable."""

import structlog

from retinue.core.errors import StoreFault
from retinue.core.job import Job
from retinue.core.vector_store import FileError
from retinue.engine.engine import Engine
from retinue.knowledge import IngestFault

log = structlog.get_logger()

TRIES = 8
"""Over some twenty minutes."""

_BROKE_DOWN = "This server broke down over the file again and again; its log says why. Split the file, or save it anew."


async def ingest(engine: Engine, job: Job) -> None:
    """Do a job of kind `ingest_document`; raises what went wrong while it is worth another try."""
    scope = engine.store.scoped(job.project)
    try:
        await engine.knowledge.ingest(scope, job.key)
    except StoreFault:  # such as a full disk: no fault of the file's, however long it lasts
        raise
    except Exception as fault:
        if job.attempts < TRIES:
            raise
        why = fault.message if isinstance(fault, IngestFault) else _BROKE_DOWN
        log.error("file_given_up", document=job.key, attempts=job.attempts, why=str(fault))
        await scope.vector_store_files.settle(job.key, error=FileError(code="server_error", message=why))
