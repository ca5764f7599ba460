"""Verbs for files that are put into a vector store together."""

from collections.abc import Sequence

from retinue.core.caller import Caller
from retinue.core.ids import new_id
from retinue.core.vector_store import FileBatch, FileDraft
from retinue.engine.engine import Engine


async def create(engine: Engine, caller: Caller, store_id: str, files: Sequence[FileDraft]) -> FileBatch:
    """Put files into a vector store, to be read in their order; raises NotFound, InvalidRequest if there is no room."""
    batch = FileBatch(id=new_id("vsfb"), store_id=store_id, created_at=engine.clock())
    inserted = await engine.store.scoped(caller.project).file_batches.insert(batch, files)
    engine.jobs_added.set()
    return inserted


async def cancel(engine: Engine, caller: Caller, store_id: str, batch_id: str) -> FileBatch:
    """Give up the files of a batch that are still to be read; raises NotFound."""
    return await engine.store.scoped(caller.project).file_batches.cancel(store_id, batch_id)
