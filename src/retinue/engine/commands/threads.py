"""Verbs for threads."""

from collections.abc import Callable, Sequence

from msgspec import structs

from retinue.core.caller import Caller
from retinue.core.ids import new_id
from retinue.core.item import Message
from retinue.core.thread import Thread
from retinue.core.vector_store import THREAD_STORE_DAYS, FilledStore
from retinue.engine.commands import files, messages, vector_stores
from retinue.engine.engine import Engine


async def create(
    engine: Engine,
    caller: Caller,
    draft: Thread,
    first: Sequence[Message] = (),
    store: FilledStore | None = None,
) -> Thread:
    """Store a new thread with its first messages, perhaps with a vector store of its own, and return it.

    Raises NotFound for a file or a vector store that is named and isn't there.
    """
    thread = prepare(engine, draft)
    prepared = [messages.prepare(engine, thread.id, message) for message in first]
    scope = engine.store.scoped(caller.project)
    await files.require_named(scope, prepared)
    made = await scope.threads.insert(thread, prepared, store=new_store(engine, store))
    messages.have_read(engine, prepared, store)
    return made


async def modify(engine: Engine, caller: Caller, thread_id: str, change: Callable[[Thread], Thread]) -> Thread:
    """Change a thread; raises NotFound."""
    return await engine.store.scoped(caller.project).threads.change(thread_id, change)


async def rewind(engine: Engine, caller: Caller, thread_id: str, message_id: str, *, keep: bool) -> Thread:
    """Have a thread go on from one of its messages, which is kept or not, as if nothing had followed.

    What followed stays stored, tool calls and all, and nobody is shown it. Raises NotFound, or Locked while a run is
    live.
    """
    return await engine.store.scoped(caller.project).threads.rewind(thread_id, message_id, keep=keep)


async def delete(engine: Engine, caller: Caller, thread_id: str) -> None:
    """Delete a thread with its messages and runs, live ones too; raises NotFound."""
    scope = engine.store.scoped(caller.project)
    container = await scope.containers.find_of_thread(thread_id)
    deleted = await scope.threads.delete(thread_id)
    for run in deleted.live:
        engine.abort(scope, run)
    if container is not None:
        await engine.sessions.end((scope.project, container.id))
    for blob in deleted.blobs:  # after the rows: what a crash leaves of them, the next start clears away
        await engine.blobs.delete(blob)


def new_store(engine: Engine, draft: FilledStore | None) -> FilledStore | None:
    """Return the draft as a new vector store that is a thread's: it expires when nobody uses it for long."""
    if draft is None:
        return None
    lasting = structs.replace(draft.store, expires_days=THREAD_STORE_DAYS)
    return vector_stores.prepare(engine, structs.replace(draft, store=lasting))


def prepare(engine: Engine, draft: Thread) -> Thread:
    """Return the draft as a new thread, with an id, a time and a branch."""
    return structs.replace(draft, id=new_id("thread"), created_at=engine.clock(), head=new_id("branch"))
