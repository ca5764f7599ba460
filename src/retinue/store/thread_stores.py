"""A thread's own vector store, which holds what its messages bring along for file search."""

from collections.abc import Sequence

from msgspec import structs

from retinue.core.ids import new_id
from retinue.core.item import Message
from retinue.core.thread import Thread
from retinue.core.tools import searching
from retinue.core.vector_store import THREAD_STORE_DAYS, FileDraft, FilledStore, VectorStore
from retinue.store import attaching, store_rows, vector_stores
from retinue.store.base import Transaction


async def insert(tx: Transaction, project: str, thread: Thread, filled: FilledStore) -> Thread:
    """Store a vector store that is made for a thread, with its files; return the thread, which names it then."""
    await vector_stores.insert(tx, project, structs.replace(filled.store, thread_id=thread.id), filled.files)
    return structs.replace(thread, tool_resources=searching(thread.tool_resources, filled.store.id))


async def fill(tx: Transaction, project: str, thread: Thread, messages: Sequence[Message]) -> Thread:
    """Put what messages bring along for file search into the thread's vector store; one is made if need be.

    Returns the thread, which names it then; raises NotFound for a file that isn't there.
    """
    files = {
        attachment.file_id: FileDraft(file_id=attachment.file_id)
        for message in messages
        for attachment in message.attachments
        if "file_search" in attachment.tools
    }
    if not files:
        return thread
    at = max(message.created_at for message in messages)
    drafts = tuple(files.values())
    if store := await _usable(tx, project, thread, at=at):
        await attaching.attach(tx, project, store.id, drafts, at=at)
        return thread
    new = VectorStore(id=new_id("vs"), created_at=at, expires_days=THREAD_STORE_DAYS)
    return await insert(tx, project, thread, FilledStore(store=new, files=drafts))


async def _usable(tx: Transaction, project: str, thread: Thread, *, at: float) -> VectorStore | None:
    """The thread's vector store, if it has one that is still there and not over."""
    for id_ in (thread.tool_resources and thread.tool_resources.file_search) or ():
        store = await store_rows.fetch(tx, project, id_)
        if store and not store.is_over(at):
            return store
    return None
