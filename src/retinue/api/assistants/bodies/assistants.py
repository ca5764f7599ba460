"""Bodies of assistants."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, structs

from retinue.api.assistants.bodies.tools import (
    AnyFormat,
    Format,
    Resources,
    Tools,
    format_of,
    named_resources_of,
    new_store_of,
    resources_of,
    tools_of,
)
from retinue.api.fields import Body, LongText, Metadata, ModelName, Temperature, TopP
from retinue.core.assistant import Assistant, ReasoningEffort
from retinue.core.invalid import missing
from retinue.core.vector_store import FilledStore

Name = Annotated[str, Meta(max_length=256)]
Description = Annotated[str, Meta(max_length=512)]


class AssistantFields(Body, frozen=True, kw_only=True):
    """What every generation sets of an assistant; what is unset stays as it is."""

    model: ModelName | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    temperature: Temperature | None | UnsetType = UNSET
    top_p: TopP | None | UnsetType = UNSET
    response_format: AnyFormat | None | UnsetType = UNSET
    metadata: Metadata | None | UnsetType = UNSET

    def applied_to(self, assistant: Assistant) -> Assistant:
        """Return the assistant with what this body sets."""
        changes: dict[str, object] = {
            field: value
            for field in ("model", "name", "description", "temperature", "top_p")
            if (value := getattr(self, field)) is not UNSET
        }
        if self.response_format is not UNSET:
            changes["response_format"] = format_of(self.response_format)
        if self.metadata is not UNSET:
            changes["metadata"] = self.metadata or {}
        return structs.replace(assistant, **changes)

    def draft(self) -> Assistant:
        """Return a new assistant's draft; raises InvalidRequest without a model."""
        if self.model is UNSET:
            raise missing("model")
        return self.applied_to(Assistant(id="", created_at=0, model=""))


class AssistantBody(AssistantFields, frozen=True, kw_only=True):
    """To create or modify an assistant."""

    instructions: LongText | None | UnsetType = UNSET
    tools: Tools | None | UnsetType = UNSET
    tool_resources: Resources | None | UnsetType = UNSET
    response_format: Format | None | UnsetType = UNSET
    reasoning_effort: ReasoningEffort | None | UnsetType = UNSET

    def store(self) -> FilledStore | None:
        """Return the vector store that is to be made for a new assistant, if one is; raises InvalidRequest."""
        return new_store_of(self.tool_resources or None)

    def draft(self) -> Assistant:
        """Return a new assistant's draft, without that vector store; raises InvalidRequest without a model."""
        named = structs.replace(self, tool_resources=UNSET)
        return structs.replace(AssistantFields.draft(named), tool_resources=resources_of(self.tool_resources or None))

    def applied_to(self, assistant: Assistant) -> Assistant:
        """Return the assistant with what this body sets."""
        changes: dict[str, object] = {}
        if self.instructions is not UNSET:
            changes["instructions"] = self.instructions
        if self.tools is not UNSET:
            changes["tools"] = tools_of(self.tools or ())
        if self.tool_resources is not UNSET:
            changes["tool_resources"] = named_resources_of(self.tool_resources)
        if self.reasoning_effort is not UNSET:
            changes["reasoning_effort"] = self.reasoning_effort
        return structs.replace(AssistantFields.applied_to(self, assistant), **changes)
