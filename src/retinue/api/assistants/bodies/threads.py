"""Bodies of threads."""

from msgspec import UNSET, UnsetType, structs

from retinue.api.assistants.bodies.messages import MessageBody
from retinue.api.assistants.bodies.tools import Resources, named_resources_of, new_store_of, resources_of
from retinue.api.fields import Body, Metadata
from retinue.core.item import Message
from retinue.core.thread import Thread
from retinue.core.vector_store import FilledStore


class ThreadBody(Body, frozen=True, kw_only=True):
    """To create a thread."""

    messages: tuple[MessageBody, ...] | None = None
    tool_resources: Resources | None = None
    metadata: Metadata | None = None

    def draft(self) -> Thread:
        """Return a new thread's draft."""
        return Thread(
            id="",
            created_at=0,
            head="",
            tool_resources=resources_of(self.tool_resources),
            metadata=self.metadata or {},
        )

    def store(self) -> FilledStore | None:
        """Return the vector store that is to be made for it, if one is; raises InvalidRequest."""
        return new_store_of(self.tool_resources)

    def drafts(self) -> tuple[Message, ...]:
        """Return the drafts of its first messages."""
        return tuple(message.draft() for message in self.messages or ())


class ThreadChanges(Body, frozen=True, kw_only=True):
    """To modify a thread; what is unset stays as it is."""

    tool_resources: Resources | None | UnsetType = UNSET
    metadata: Metadata | None | UnsetType = UNSET

    def applied_to(self, thread: Thread) -> Thread:
        """Return the thread with what this body sets."""
        changes: dict[str, object] = {}
        if self.tool_resources is not UNSET:
            changes["tool_resources"] = named_resources_of(self.tool_resources)
        if self.metadata is not UNSET:
            changes["metadata"] = self.metadata or {}
        return structs.replace(thread, **changes)
