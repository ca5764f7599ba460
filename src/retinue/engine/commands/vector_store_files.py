"""Verbs for files in vector stores."""

from retinue.core.attributes import Attributes
from retinue.core.caller import Caller
from retinue.core.job import Job
from retinue.core.vector_store import FileDraft, VectorStoreFile
from retinue.engine.engine import Engine


async def attach(engine: Engine, caller: Caller, store_id: str, draft: FileDraft) -> VectorStoreFile:
    """Put a file into a vector store, to be read; raises NotFound, InvalidRequest where there is no room."""
    files = engine.store.scoped(caller.project).vector_store_files
    [attached] = await files.attach(store_id, [draft], at=engine.clock())
    engine.jobs_added.set()
    return attached


async def modify(
    engine: Engine, caller: Caller, store_id: str, file_id: str, attributes: Attributes
) -> VectorStoreFile:
    """Give a file in a vector store other attributes; raises NotFound."""
    return await engine.store.scoped(caller.project).vector_store_files.set_attributes(store_id, file_id, attributes)


async def detach(engine: Engine, caller: Caller, store_id: str, file_id: str) -> None:
    """Take a file out of a vector store; it stays a file. Raises NotFound."""
    await engine.store.scoped(caller.project).vector_store_files.detach(store_id, file_id)


async def clear(engine: Engine, job: Job) -> None:
    """Do a job of kind `clear_document`."""
    documents = engine.store.scoped(job.project).documents
    while await documents.clear(job.key):
        pass
