"""The job that makes a file in a vector store searchable."""

from retinue.core.job import Job
from retinue.core.vector_store import FileError
from retinue.engine.engine import Engine
from retinue.knowledge import IngestFault

TRIES = 8
"""Over some twenty minutes; a process that died meanwhile has tried too."""

_GIVEN_UP = "This server broke down over the file again and again; its log says why. Split the file, or save it anew."


async def ingest(engine: Engine, job: Job) -> None:
    """Do a job of kind `ingest_document`; raises IngestFault while it is worth another try."""
    scope = engine.store.scoped(job.project)
    try:
        if job.attempts > TRIES:
            raise IngestFault(_GIVEN_UP)
        await engine.knowledge.ingest(scope, job.key)
    except IngestFault as fault:
        if job.attempts < TRIES:
            raise
        await scope.vector_store_files.settle(job.key, error=FileError(code="server_error", message=fault.message))
