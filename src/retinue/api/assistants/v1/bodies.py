"""Bodies of v1, where they differ from v2's."""

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, structs

from retinue.api.assistants.bodies.assistants import AssistantFields
from retinue.api.assistants.bodies.messages import Id, PartBody, parts_of
from retinue.api.assistants.bodies.runs import RunFields
from retinue.api.assistants.bodies.tools import V1ToolChoiceOption, V1Tools, choice_of, tools_of
from retinue.api.fields import Body, Metadata
from retinue.core.assistant import Assistant
from retinue.core.assistant_files import MAX_FILES, MAX_MESSAGE_FILES
from retinue.core.item import Attachment, Message
from retinue.core.thread import Thread
from retinue.engine.commands.runs import RunRequest

MAX_TEXT = 32_768  # contract: "Limits", characters of instructions and of a message
LongText = Annotated[str, Meta(max_length=MAX_TEXT)]


class AssistantBody(AssistantFields, frozen=True, kw_only=True):
    """To create or modify an assistant."""

    instructions: LongText | None | UnsetType = UNSET
    tools: V1Tools | None | UnsetType = UNSET
    file_ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_FILES)] | None | UnsetType = UNSET

    def applied_to(self, assistant: Assistant) -> Assistant:
        """Return the assistant with what this body sets; its files are set apart."""
        changes: dict[str, object] = {}
        if self.instructions is not UNSET:
            changes["instructions"] = self.instructions
        if self.tools is not UNSET:
            changes["tools"] = tools_of(self.tools or ())
        return structs.replace(AssistantFields.applied_to(self, assistant), **changes)

    def files(self) -> tuple[str, ...] | None:
        """Return the ids of the files that the assistant is to have; None where they stay as they are."""
        return None if self.file_ids is UNSET else self.file_ids or ()


class AssistantFileBody(Body, frozen=True, kw_only=True):
    """To give an assistant one more file."""

    file_id: Id


class MessageBody(Body, frozen=True, kw_only=True):
    """To create a message."""

    role: Literal["user", "assistant"]
    content: LongText | Annotated[tuple[PartBody, ...], Meta(min_length=1)]
    file_ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_MESSAGE_FILES)] | None = None
    metadata: Metadata | None = None

    def draft(self) -> Message:
        """Return a new message's draft; raises InvalidRequest if nothing is said."""
        return Message(
            id="",
            thread_id="",
            created_at=0,
            role=self.role,
            content=parts_of(self.content, limit=MAX_TEXT),
            attachments=attachments_of(self.file_ids or ()),
            metadata=self.metadata or {},
        )


class ThreadBody(Body, frozen=True, kw_only=True):
    """To create a thread."""

    messages: tuple[MessageBody, ...] | None = None
    metadata: Metadata | None = None

    def draft(self) -> Thread:
        """Return a new thread's draft."""
        return Thread(id="", created_at=0, head="", metadata=self.metadata or {})

    def store(self) -> None:
        """Return None: v1 knows no vector stores."""

    def drafts(self) -> tuple[Message, ...]:
        """Return the drafts of its first messages."""
        return tuple(message.draft() for message in self.messages or ())


class ThreadChanges(Body, frozen=True, kw_only=True):
    """To modify a thread."""

    metadata: Metadata | None | UnsetType = UNSET

    def applied_to(self, thread: Thread) -> Thread:
        """Return the thread with what this body sets."""
        return thread if self.metadata is UNSET else structs.replace(thread, metadata=self.metadata or {})


class RunOptions(RunFields, frozen=True, kw_only=True):
    """What both ways to create a run have in common."""

    instructions: LongText | None = None
    tools: V1Tools | None = None
    tool_choice: V1ToolChoiceOption | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        return structs.replace(
            RunFields.request(self),
            instructions=self.instructions,
            tools=None if self.tools is None else tools_of(self.tools),
            tool_choice=choice_of(self.tool_choice),
        )


class RunBody(RunOptions, frozen=True, kw_only=True):
    """To create a run."""

    additional_instructions: LongText | None = None
    additional_messages: tuple[MessageBody, ...] | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        return structs.replace(
            RunOptions.request(self),
            additional_instructions=self.additional_instructions,
            additional_messages=tuple(message.draft() for message in self.additional_messages or ()),
        )


class ThreadAndRunBody(RunOptions, frozen=True, kw_only=True):
    """To create a thread and a run over it."""

    thread: ThreadBody | None = None


def attachments_of(file_ids: Iterable[str]) -> tuple[Attachment, ...]:
    """Return a message's files as attachments: v1 gave them to whatever tools the assistant of the run had."""
    return tuple(Attachment(file_id=id_, tools=("file_search", "code_interpreter")) for id_ in dict.fromkeys(file_ids))
