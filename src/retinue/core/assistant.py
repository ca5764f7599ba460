"""Assistants: a model with instructions and tools, under a name."""

from typing import Any, Literal

from msgspec import Struct

from retinue.core.tools import Tool, ToolResources

ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]

ResponseFormat = Literal["auto"] | dict[str, Any]
"""`auto`, or the API's own object: `{"type": "text" | "json_object" | "json_schema", ...}`."""

Metadata = dict[str, str]

TERMINAL_ID = "asst_terminal"
"""Of the assistant that the terminal talks to, in every project: one that is known needs no search among thousands."""


class AttachedFile(Struct, frozen=True, kw_only=True):
    """A file of an assistant, and since when it is one: seconds since 1970."""

    file_id: str
    attached_at: float


class Assistant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored assistant. What the caller left out is None, so that a model's own default holds."""

    id: str
    created_at: float
    model: str
    name: str | None = None
    description: str | None = None
    instructions: str | None = None
    tools: tuple[Tool, ...] = ()
    tool_resources: ToolResources | None = None
    files: tuple[AttachedFile, ...] = ()
    """Those that a v1 client attached, in its order; what the tools have of them stands in `tool_resources` too."""
    temperature: float | None = None
    top_p: float | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: ReasoningEffort | None = None
    metadata: Metadata = {}
