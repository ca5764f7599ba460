"""Bodies of the Assistants API v2, with the contract's limits, and what they come to as core values."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, structs

from retinue.api.assistants.wire_tools import (
    Format,
    Resources,
    ToolChoiceOption,
    Tools,
    choice_of,
    format_of,
    resources_of,
    tools_of,
)
from retinue.core.assistant import Assistant, ReasoningEffort
from retinue.core.errors import InvalidRequest
from retinue.core.item import Attachment, Detail, ImageFile, ImageUrl, Message, Part, Text
from retinue.core.thread import Thread
from retinue.engine.commands.runs import RunRequest

_MAX_TOKENS = 2**31 - 1

Metadata = Annotated[
    dict[Annotated[str, Meta(max_length=64)], Annotated[str, Meta(max_length=512)]], Meta(max_length=16)
]
Name = Annotated[str, Meta(max_length=256)]
Description = Annotated[str, Meta(max_length=512)]
LongText = Annotated[str, Meta(max_length=256_000)]
Temperature = Annotated[float, Meta(ge=0, le=2)]
TopP = Annotated[float, Meta(ge=0, le=1)]
TokenLimit = Annotated[int, Meta(ge=1, le=_MAX_TOKENS)]
Id = Annotated[str, Meta(max_length=512)]


class _Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body, or a part of one: an unknown field is a mistake to be told, not to be passed over."""


class AssistantBody(_Body, frozen=True, kw_only=True):
    """To create or modify an assistant; what is unset stays as it is."""

    model: Annotated[str, Meta(min_length=1, max_length=256)] | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    instructions: LongText | None | UnsetType = UNSET
    tools: Tools | None | UnsetType = UNSET
    tool_resources: Resources | None | UnsetType = UNSET
    temperature: Temperature | None | UnsetType = UNSET
    top_p: TopP | None | UnsetType = UNSET
    response_format: Format | None | UnsetType = UNSET
    reasoning_effort: ReasoningEffort | None | UnsetType = UNSET
    metadata: Metadata | None | UnsetType = UNSET

    def applied_to(self, assistant: Assistant) -> Assistant:
        """Return the assistant with what this body sets."""
        changes: dict[str, object] = {
            field: value
            for field in ("model", "name", "description", "instructions", "temperature", "top_p", "reasoning_effort")
            if (value := getattr(self, field)) is not UNSET
        }
        if self.tools is not UNSET:
            changes["tools"] = tools_of(self.tools or ())
        if self.tool_resources is not UNSET:
            changes["tool_resources"] = resources_of(self.tool_resources)
        if self.response_format is not UNSET:
            changes["response_format"] = format_of(self.response_format)
        if self.metadata is not UNSET:
            changes["metadata"] = self.metadata or {}
        return structs.replace(assistant, **changes)

    def draft(self) -> Assistant:
        """Return a new assistant's draft; raises InvalidRequest without a model."""
        if self.model is UNSET:
            raise InvalidRequest(
                "Missing required parameter: 'model'.", param="model", code="missing_required_parameter"
            )
        return self.applied_to(Assistant(id="", created_at=0, model=""))


class TextBody(_Body, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """A text part."""

    text: LongText


class ImageFileRef(_Body, frozen=True, kw_only=True):
    """An uploaded image."""

    file_id: Id
    detail: Detail = "auto"


class ImageFileBody(_Body, frozen=True, kw_only=True, tag_field="type", tag="image_file"):
    """A part that is an uploaded image."""

    image_file: ImageFileRef


class ImageUrlRef(_Body, frozen=True, kw_only=True):
    """An image at an address."""

    url: Annotated[str, Meta(min_length=1)]
    detail: Detail = "auto"


class ImageUrlBody(_Body, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """A part that is an image at an address."""

    image_url: ImageUrlRef


class AttachmentTool(_Body, frozen=True, kw_only=True):
    """A hosted tool that gets the file."""

    type: Literal["code_interpreter", "file_search"]


class AttachmentBody(_Body, frozen=True, kw_only=True):
    """A file that a message brings along."""

    file_id: Id
    tools: tuple[AttachmentTool, ...] = ()


PartBody = TextBody | ImageFileBody | ImageUrlBody


class MessageBody(_Body, frozen=True, kw_only=True):
    """To create a message."""

    role: Literal["user", "assistant"]
    content: LongText | Annotated[tuple[PartBody, ...], Meta(min_length=1)]
    attachments: tuple[AttachmentBody, ...] | None = None
    metadata: Metadata | None = None

    def draft(self) -> Message:
        """Return a new message's draft; raises InvalidRequest if nothing is said."""
        parts = (TextBody(text=self.content),) if isinstance(self.content, str) else self.content
        if all(isinstance(part, TextBody) and not part.text for part in parts):
            raise InvalidRequest("Message content must be non-empty.", param="content", code="invalid_value")
        return Message(
            id="",
            thread_id="",
            created_at=0,
            role=self.role,
            content=tuple(map(_part, parts)),
            attachments=tuple(
                Attachment(file_id=a.file_id, tools=tuple(tool.type for tool in a.tools))
                for a in self.attachments or ()
            ),
            metadata=self.metadata or {},
        )


class MetadataBody(_Body, frozen=True, kw_only=True):
    """To modify what has nothing but metadata to modify."""

    metadata: Metadata | None = None


class ThreadBody(_Body, frozen=True, kw_only=True):
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

    def drafts(self) -> tuple[Message, ...]:
        """Return the drafts of its first messages."""
        return tuple(message.draft() for message in self.messages or ())


class ThreadChanges(_Body, frozen=True, kw_only=True):
    """To modify a thread; what is unset stays as it is."""

    tool_resources: Resources | None | UnsetType = UNSET
    metadata: Metadata | None | UnsetType = UNSET

    def applied_to(self, thread: Thread) -> Thread:
        """Return the thread with what this body sets."""
        changes: dict[str, object] = {}
        if self.tool_resources is not UNSET:
            changes["tool_resources"] = resources_of(self.tool_resources)
        if self.metadata is not UNSET:
            changes["metadata"] = self.metadata or {}
        return structs.replace(thread, **changes)


class Truncation(_Body, frozen=True, kw_only=True):
    """How a long thread is cut."""

    type: Literal["auto", "last_messages"]
    last_messages: Annotated[int, Meta(ge=1, le=_MAX_TOKENS)] | None = None


class RunBody(_Body, frozen=True, kw_only=True):
    """To create a run."""

    assistant_id: str
    model: Annotated[str, Meta(max_length=256)] | None = None
    instructions: LongText | None = None
    additional_instructions: LongText | None = None
    additional_messages: tuple[MessageBody, ...] | None = None
    tools: Tools | None = None
    tool_choice: ToolChoiceOption | None = None
    parallel_tool_calls: bool | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    response_format: Format | None = None
    reasoning_effort: ReasoningEffort | None = None
    max_prompt_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    truncation_strategy: Truncation | None = None
    metadata: Metadata | None = None
    stream: bool | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        return _run_request(self, additional=self.additional_messages or ())


class ThreadAndRunBody(_Body, frozen=True, kw_only=True):
    """To create a thread and a run over it."""

    assistant_id: str
    thread: ThreadBody | None = None
    model: Annotated[str, Meta(max_length=256)] | None = None
    instructions: LongText | None = None
    tools: Tools | None = None
    tool_resources: Resources | None = None
    tool_choice: ToolChoiceOption | None = None
    parallel_tool_calls: bool | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    response_format: Format | None = None
    reasoning_effort: ReasoningEffort | None = None
    max_prompt_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    truncation_strategy: Truncation | None = None
    metadata: Metadata | None = None
    stream: bool | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        request = _run_request(self, additional=())
        return structs.replace(request, tool_resources=resources_of(self.tool_resources))


class ToolOutputBody(_Body, frozen=True, kw_only=True):
    """What one call came to."""

    tool_call_id: str | None = None
    output: str | None = None


class ToolOutputsBody(_Body, frozen=True, kw_only=True):
    """To submit tool outputs."""

    tool_outputs: tuple[ToolOutputBody, ...]
    stream: bool | None = None

    def by_call(self) -> dict[str, str]:
        """Return the outputs by call id; raises InvalidRequest if a call is answered twice, or none is named."""
        outputs: dict[str, str] = {}
        for index, output in enumerate(self.tool_outputs):
            name = f"tool_outputs[{index}].tool_call_id"
            if output.tool_call_id is None:
                raise InvalidRequest(
                    f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
                )
            if output.tool_call_id in outputs:
                raise InvalidRequest(
                    f"Invalid '{name}': '{output.tool_call_id}' is answered twice.", param=name, code="invalid_value"
                )
            outputs[output.tool_call_id] = output.output or ""
        return outputs


def _run_request(body: RunBody | ThreadAndRunBody, *, additional: tuple[MessageBody, ...]) -> RunRequest:
    tools = None if body.tools is None else tools_of(body.tools)
    return RunRequest(
        assistant_id=body.assistant_id,
        model=body.model,
        instructions=body.instructions,
        additional_instructions=body.additional_instructions if isinstance(body, RunBody) else None,
        additional_messages=tuple(message.draft() for message in additional),
        tools=tools,
        tool_choice=choice_of(body.tool_choice, tools),
        parallel_tool_calls=body.parallel_tool_calls,
        temperature=body.temperature,
        top_p=body.top_p,
        response_format=format_of(body.response_format),
        reasoning_effort=body.reasoning_effort,
        max_prompt_tokens=body.max_prompt_tokens,
        max_completion_tokens=body.max_completion_tokens,
        last_messages=_last_messages(body.truncation_strategy),
        metadata=body.metadata or {},
    )


def _last_messages(truncation: Truncation | None) -> int | None:
    if truncation is None or truncation.type == "auto":
        return None
    if truncation.last_messages is None:
        raise InvalidRequest(
            "Missing required parameter: 'truncation_strategy.last_messages'.",
            param="truncation_strategy.last_messages",
            code="missing_required_parameter",
        )
    return truncation.last_messages


def _part(part: PartBody) -> Part:
    match part:
        case TextBody(text=text):
            return Text(text)
        case ImageFileBody(image_file=file):
            return ImageFile(file_id=file.file_id, detail=file.detail)
        case ImageUrlBody(image_url=url):
            return ImageUrl(url=url.url, detail=url.detail)
