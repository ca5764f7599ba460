"""Verbs for vector stores."""

from collections.abc import Callable

from msgspec import structs

from retinue.core.caller import Caller
from retinue.core.errors import InvalidRequest
from retinue.core.ids import new_id
from retinue.core.job import Job
from retinue.core.search import Passage, Search
from retinue.core.vector_store import FilledStore, VectorStore
from retinue.engine.engine import Engine


async def create(engine: Engine, caller: Caller, draft: FilledStore) -> VectorStore:
    """Store a new vector store and put its files into it; raises NotFound for one that isn't there."""
    new = prepare(engine, draft)
    inserted = await engine.store.scoped(caller.project).vector_stores.insert(new.store, new.files)
    engine.jobs_added.set()
    return inserted


async def modify(
    engine: Engine, caller: Caller, store_id: str, change: Callable[[VectorStore], VectorStore]
) -> VectorStore:
    """Change a vector store; raises NotFound."""
    return await engine.store.scoped(caller.project).vector_stores.change(store_id, change)


async def delete(engine: Engine, caller: Caller, store_id: str) -> None:
    """Delete a vector store; its files stay files. Raises NotFound."""
    await engine.store.scoped(caller.project).vector_stores.delete(store_id)


async def search(engine: Engine, caller: Caller, store_id: str, search: Search) -> list[Passage]:
    """Return the best passages of a vector store, best first.

    Raises NotFound, InvalidRequest for one that has expired, SearchFault where it can't be searched now.
    """
    scope, now = engine.store.scoped(caller.project), engine.clock()
    store = await scope.vector_stores.get(store_id)
    if store.is_over(now):
        raise InvalidRequest(f"The vector store {store_id} has expired, and its contents are gone. Make another one.")
    await scope.vector_stores.touch([store], at=now)
    return await engine.knowledge.search(scope, [store], search)


async def expire(engine: Engine, job: Job) -> None:
    """Do a job of kind `expire_vector_store`; it comes for a deleted one too."""
    scope = engine.store.scoped(job.project)
    if await scope.vector_stores.expire(job.key, now=engine.clock()):
        await engine.knowledge.forget(scope, job.key)


def prepare(engine: Engine, draft: FilledStore) -> FilledStore:
    """Return the draft as a new vector store, with an id and a time."""
    return structs.replace(draft, store=structs.replace(draft.store, id=new_id("vs"), created_at=engine.clock()))
