"""Verbs for assistants."""

from collections.abc import Callable

from msgspec import structs

from retinue.core.assistant import Assistant
from retinue.core.caller import Caller
from retinue.core.ids import new_id
from retinue.core.vector_store import FilledStore
from retinue.engine.commands import vector_stores
from retinue.engine.engine import Engine


async def create(engine: Engine, caller: Caller, draft: Assistant, store: FilledStore | None = None) -> Assistant:
    """Store a new assistant, perhaps with a vector store to search, and return it; ids and times are given here.

    Raises InvalidRequest for its format, NotFound for what it names.
    """
    await engine.answers.accept(draft.response_format, project=caller.project)
    assistant = structs.replace(draft, id=new_id("asst"), created_at=engine.clock())
    new_store = store and vector_stores.prepare(engine, store)
    made = await engine.store.scoped(caller.project).assistants.insert(assistant, store=new_store)
    if new_store:
        engine.jobs_added.set()
    return made


async def modify(
    engine: Engine, caller: Caller, assistant_id: str, change: Callable[[Assistant], Assistant]
) -> Assistant:
    """Change an assistant; runs that are under way keep the values they began with. Raises NotFound."""
    await accept_format(engine, caller, assistant_id, change)
    return await engine.store.scoped(caller.project).assistants.change(assistant_id, change)


async def accept_format(
    engine: Engine, caller: Caller, assistant_id: str, change: Callable[[Assistant], Assistant]
) -> None:
    """Raise InvalidRequest if a change would give an assistant a format that no answer can be held against."""
    stored = await engine.store.scoped(caller.project).assistants.get(assistant_id)
    changed = change(stored)
    if changed.response_format != stored.response_format:
        await engine.answers.accept(changed.response_format, project=caller.project)


async def delete(engine: Engine, caller: Caller, assistant_id: str) -> None:
    """Delete an assistant; threads it spoke in stay readable. Raises NotFound."""
    await engine.store.scoped(caller.project).assistants.delete(assistant_id)
