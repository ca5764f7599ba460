"""Bodies of runs."""

from typing import Annotated, Literal

from msgspec import Meta, structs

from retinue.api.assistants.bodies.messages import MessageBody
from retinue.api.assistants.bodies.threads import ThreadBody
from retinue.api.assistants.bodies.tools import (
    AnyFormat,
    Format,
    Resources,
    ToolChoiceOption,
    Tools,
    choice_of,
    format_of,
    named_resources_of,
    tools_of,
)
from retinue.api.fields import MAX_INTEGER, Body, LongText, Metadata, ModelName, Temperature, TopP
from retinue.core.assistant import ReasoningEffort
from retinue.core.errors import InvalidRequest
from retinue.core.invalid import missing
from retinue.engine.commands.runs import RunRequest

TokenLimit = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class Truncation(Body, frozen=True, kw_only=True):
    """How a long thread is cut."""

    type: Literal["auto", "last_messages"]
    last_messages: Annotated[int, Meta(ge=1, le=MAX_INTEGER)] | None = None


class RunFields(Body, frozen=True, kw_only=True):
    """What every way to create a run has in common, in every generation; what is null is the assistant's own."""

    assistant_id: str
    model: ModelName | None = None
    temperature: Temperature | None = None
    top_p: TopP | None = None
    response_format: AnyFormat | None = None
    max_prompt_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    truncation_strategy: Truncation | None = None
    metadata: Metadata | None = None
    stream: bool | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        return RunRequest(
            assistant_id=self.assistant_id,
            model=self.model,
            temperature=self.temperature,
            top_p=self.top_p,
            response_format=format_of(self.response_format),
            max_prompt_tokens=self.max_prompt_tokens,
            max_completion_tokens=self.max_completion_tokens,
            last_messages=_last_messages(self.truncation_strategy),
            metadata=self.metadata or {},
        )


class RunOptions(RunFields, frozen=True, kw_only=True):
    """What both ways to create a run have in common."""

    instructions: LongText | None = None
    tools: Tools | None = None
    tool_choice: ToolChoiceOption | None = None
    parallel_tool_calls: bool | None = None
    response_format: Format | None = None
    reasoning_effort: ReasoningEffort | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        return structs.replace(
            RunFields.request(self),
            instructions=self.instructions,
            tools=None if self.tools is None else tools_of(self.tools),
            tool_choice=choice_of(self.tool_choice),
            parallel_tool_calls=self.parallel_tool_calls,
            reasoning_effort=self.reasoning_effort,
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
    tool_resources: Resources | None = None

    def request(self) -> RunRequest:
        """Return what is asked of the run."""
        return structs.replace(RunOptions.request(self), tool_resources=named_resources_of(self.tool_resources))


class ToolOutputBody(Body, frozen=True, kw_only=True):
    """What one call came to."""

    tool_call_id: str | None = None
    output: str | None = None


class ToolOutputsBody(Body, frozen=True, kw_only=True):
    """To submit tool outputs."""

    tool_outputs: tuple[ToolOutputBody, ...]
    stream: bool | None = None

    def by_call(self) -> dict[str, str]:
        """Return the outputs by call id; raises InvalidRequest if a call is answered twice, or none is named."""
        outputs: dict[str, str] = {}
        for index, output in enumerate(self.tool_outputs):
            name = f"tool_outputs[{index}].tool_call_id"
            if output.tool_call_id is None:
                raise missing(name)
            if output.tool_call_id in outputs:
                raise InvalidRequest(
                    f"Invalid '{name}': '{output.tool_call_id}' is answered twice.", param=name, code="invalid_value"
                )
            outputs[output.tool_call_id] = output.output or ""
        return outputs


def _last_messages(truncation: Truncation | None) -> int | None:
    if truncation is None or truncation.type == "auto":
        return None
    if truncation.last_messages is None:
        raise missing("truncation_strategy.last_messages")
    return truncation.last_messages
