"""Verbs for messages."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.assistant import Metadata
from retinue.core.caller import Caller
from retinue.core.ids import new_id
from retinue.core.item import Message
from retinue.core.vector_store import FilledStore
from retinue.engine.commands import files
from retinue.engine.engine import Engine


async def create(engine: Engine, caller: Caller, thread_id: str, draft: Message) -> Message:
    """Put a message at the thread's end and return it; raises NotFound, or Locked while a run is live."""
    message = prepare(engine, thread_id, draft)
    scope = engine.store.scoped(caller.project)
    await files.require_named(scope, [message])
    await scope.messages.append(thread_id, message)
    have_read(engine, [message])
    return message


async def modify(engine: Engine, caller: Caller, thread_id: str, message_id: str, metadata: Metadata) -> Message:
    """Give a message other metadata; raises NotFound."""
    scope = engine.store.scoped(caller.project)
    message = await scope.messages.set_metadata(thread_id, message_id, metadata)
    if message.run_id:
        engine.note_metadata(scope, message.run_id, message_id, metadata)
    return message


async def delete(engine: Engine, caller: Caller, thread_id: str, message_id: str) -> None:
    """Delete a message; raises NotFound."""
    await engine.store.scoped(caller.project).messages.delete(thread_id, message_id)


def have_read(engine: Engine, said: Sequence[Message], store: FilledStore | None = None) -> None:
    """Have what new messages bring along, or a new vector store holds, read at once."""
    if store is not None or any(message.attachments for message in said):
        engine.jobs_added.set()


def prepare(engine: Engine, thread_id: str, draft: Message) -> Message:
    """Return the draft as a new message of the thread, with an id and a time."""
    now = engine.clock()
    return structs.replace(draft, id=new_id("msg"), thread_id=thread_id, created_at=now, ended_at=now)
