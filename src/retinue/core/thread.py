"""Threads: an ordered list of items, seen from the branch at their head."""

from collections.abc import Iterable

from msgspec import Struct, structs

from retinue.core.assistant import Metadata
from retinue.core.item import Message
from retinue.core.tools import ToolResources, with_mounted


class Thread(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored thread; its items hang on branches, and `head` is the branch that the API shows."""

    id: str
    created_at: float
    head: str
    """Id of the branch that is shown and appended to."""
    tool_resources: ToolResources | None = None
    implied: bool = False
    """True while all that is known of it are imported messages and runs that name it."""
    metadata: Metadata = {}


def mounting(thread: Thread, messages: Iterable[Message]) -> Thread:
    """Return the thread with what messages bring along for the code interpreter among its files."""
    brought = [
        attachment.file_id
        for message in messages
        for attachment in message.attachments
        if "code_interpreter" in attachment.tools
    ]
    resources = with_mounted(thread.tool_resources, brought)
    return thread if resources == thread.tool_resources else structs.replace(thread, tool_resources=resources)
