"""Items: what a thread holds, in order. Messages are what the Assistants API shows of them."""

from typing import Literal

from msgspec import Struct

from retinue.core.assistant import Metadata
from retinue.core.tools import RankingOptions

Role = Literal["user", "assistant"]
MessageStatus = Literal["in_progress", "completed", "incomplete"]
IncompleteReason = Literal["content_filter", "max_tokens", "run_cancelled", "run_expired", "run_failed"]
Detail = Literal["auto", "low", "high"]


class Annotation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A mark on a text: which file a statement is from, or which file a link leads to."""

    kind: Literal["file_citation", "file_path"]
    file_id: str
    start: int
    """Where the marked piece begins, in code points of the stored text."""
    end: int
    """Where it ends, excluded; a citation marks no piece but a place: `start` is `end`."""
    marker: str = ""
    """What doors insert there, such as `【4:0†source】`; empty where the marked piece is shown itself."""
    quote: str | None = None
    """The words of the file that are cited."""
    file_name: str | None = None
    page: int | None = None
    """Page, slide or sheet of the quote, counted from 1."""
    text: str | None = None
    """What the annotation says it marks, where an imported one says otherwise than its offsets."""


class Text(Struct, frozen=True, tag="text", omit_defaults=True, gc=False):
    """A piece of text, stored clean: the markers of citations stand beside it, not in it. See core/citations.py."""

    value: str
    annotations: tuple[Annotation, ...] = ()


class ImageFile(Struct, frozen=True, kw_only=True, tag="image_file"):
    """An image that was uploaded as a file."""

    file_id: str
    detail: Detail = "auto"


class ImageUrl(Struct, frozen=True, kw_only=True, tag="image_url"):
    """An image at an address, or inline as a `data:` URL."""

    url: str
    detail: Detail = "auto"


Part = Text | ImageFile | ImageUrl


class Attachment(Struct, frozen=True, kw_only=True):
    """A file that a message brings along, and the hosted tools that get it."""

    file_id: str
    tools: tuple[Literal["code_interpreter", "file_search"], ...] = ()


class Said(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="message"):
    """As much of a message as a window over its thread reads, which may be thousands at once."""

    role: Role
    content: tuple[Part, ...] = ()
    status: MessageStatus = "completed"
    rejected: bool = False
    """Whether it was no answer in its run's format: later runs' models are not shown it."""
    run_id: str | None = None

    @property
    def text(self) -> str:
        """All its text parts, joined by newlines."""
        return "\n".join(part.value for part in self.content if isinstance(part, Text))


class Message(Said, frozen=True, kw_only=True, omit_defaults=True, tag="message"):
    """Something said: by the user, or by an assistant in a run."""

    id: str
    thread_id: str
    created_at: float
    reason: IncompleteReason | None = None
    ended_at: float | None = None
    """When it was completed or broken off."""
    assistant_id: str | None = None
    step_id: str | None = None
    attachments: tuple[Attachment, ...] = ()
    metadata: Metadata = {}


CallKind = Literal["function", "file_search", "code_interpreter"]
"""What is called: a function, or a hosted tool, which runs on this server."""


class ToolCall(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="tool_call"):
    """The model's wish to have a function or a hosted tool called."""

    id: str
    run_id: str
    step_id: str
    created_at: float
    call_id: str
    name: str
    arguments: str
    """JSON as the model wrote it: data from outside, possibly malformed."""
    kind: CallKind = "function"


class Hit(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A passage that a file search found, within the output that the model reads."""

    file_id: str
    file_name: str
    score: float
    """0 to 1."""
    marker: str
    """By which the model cites it, such as `【4:0†source】`: no other hit of the thread has it."""
    start: int
    """Where the passage begins in the output, in code points."""
    end: int
    pages: tuple[tuple[int, int], ...] = ()
    """Where in the passage a page begins, and which; empty where the file has no pages."""


class Written(Struct, frozen=True, gc=False):
    """A file that code wrote, and under which id it was stored."""

    path: str
    """Below `/mnt/data`, as the code named it."""
    file_id: str


class ToolOutput(Struct, frozen=True, kw_only=True, omit_defaults=True, tag="tool_output"):
    """What the call with the same `call_id` came to."""

    id: str
    run_id: str
    step_id: str
    created_at: float
    call_id: str
    output: str
    """All of it, or where it is very long its two ends: the whole is in `blob`."""
    blob: str | None = None
    size: int | None = None
    """Characters of the whole, where that is in a blob."""
    hits: tuple[Hit, ...] = ()
    """What a file search found, best first."""
    ranking: RankingOptions | None = None
    """How a file search ranked; None of one that did not happen: it failed, or was broken off."""
    charts: tuple[str, ...] = ()
    """Ids of the files that hold the charts that code drew, in their order."""
    files: tuple[Written, ...] = ()
    """What code wrote or changed below `/mnt/data`, by path."""
    notes: tuple[str, ...] = ()
    """Sentences for the model alone, such as which file was too large to be kept."""
    event: int | None = None
    """Number of the event that told it, where it was told before its step ended: a code interpreter's."""


Item = Message | ToolCall | ToolOutput


class Placed(Struct, frozen=True, gc=False):
    """What a window reads of an item, and where it stands: positions grow along a path, whatever the branches."""

    position: int
    item: Said | ToolCall | ToolOutput
