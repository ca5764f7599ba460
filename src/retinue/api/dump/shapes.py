"""Objects of the Assistants API, v1 and v2, as dumps hold them: lenient in what may be missing or new, strict in types.

Fields that nobody here knows are passed over. What the store must be able to hold is bounded.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from retinue.api.assistants.bodies.tools import FunctionName
from retinue.api.fields import MAX_INTEGER, Metadata, Weight
from retinue.core.assistant import ReasoningEffort
from retinue.core.item import Detail, IncompleteReason, MessageStatus, Role
from retinue.core.run import RunIncompleteReason, Status
from retinue.core.search import MAX_RESULTS

MAX_SECONDS = 2**32 - 1  # 2106: the store places messages by their time

Id = Annotated[str, Meta(min_length=1, max_length=256)]
Ids = Annotated[tuple[Id, ...], Meta(max_length=10_000)]
Seconds = Annotated[int, Meta(ge=0, le=MAX_SECONDS)]
LongText = Annotated[str, Meta(max_length=8_000_000)]
Model = Annotated[str, Meta(min_length=1, max_length=256)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Offset = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
TokenLimit = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class Function(Struct, frozen=True, kw_only=True):
    """A function's declaration."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A tool that the client runs."""

    function: Function


class InterpreterShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="code_interpreter"):
    """The hosted interpreter."""


class Ranking(Struct, frozen=True, kw_only=True):
    """How file search ranks."""

    score_threshold: Annotated[float, Meta(ge=0, le=1)] = 0.0
    ranker: Annotated[str, Meta(max_length=64)] | None = None
    hybrid_search: dict[str, Weight] | None = None


class SearchOptions(Struct, frozen=True, kw_only=True):
    """Bounds of a file search."""

    max_num_results: Annotated[int, Meta(ge=1, le=MAX_RESULTS)] | None = None
    ranking_options: Ranking | None = None


class SearchShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="file_search"):
    """The hosted search."""

    file_search: SearchOptions | None = None


class RetrievalShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="retrieval"):
    """The hosted search as v1 called it."""


ToolShape = FunctionShape | InterpreterShape | SearchShape | RetrievalShape
Tools = Annotated[tuple[ToolShape, ...], Meta(max_length=128)]


class InterpreterFiles(Struct, frozen=True, kw_only=True):
    """Files of the interpreter."""

    file_ids: Ids | None = None


class SearchStores(Struct, frozen=True, kw_only=True):
    """Vector stores of file search."""

    vector_store_ids: Ids | None = None


class Resources(Struct, frozen=True, kw_only=True):
    """What hosted tools may use."""

    code_interpreter: InterpreterFiles | None = None
    file_search: SearchStores | None = None


class AssistantExtras(Struct, frozen=True, kw_only=True):
    """What Retinue's own exports say beside: the list of files that a v1 client set."""

    file_ids: Ids | None = None


class AssistantShape(Struct, frozen=True, kw_only=True):
    """An `assistant`."""

    id: Id
    created_at: Seconds
    model: Model
    name: Annotated[str, Meta(max_length=256)] | None = None
    description: Annotated[str, Meta(max_length=512)] | None = None
    instructions: LongText | None = None
    tools: Tools | None = None
    tool_resources: Resources | None = None
    file_ids: Ids | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    response_format: str | dict[str, Any] | None = None
    reasoning_effort: ReasoningEffort | None = None
    metadata: Metadata | None = None
    retinue: AssistantExtras | None = None


class ThreadShape(Struct, frozen=True, kw_only=True):
    """A `thread`."""

    id: Id
    created_at: Seconds
    tool_resources: Resources | None = None
    metadata: Metadata | None = None


class Citation(Struct, frozen=True, kw_only=True):
    """The file that is cited; v1 quotes it."""

    file_id: str = ""
    quote: LongText | None = None


class CitationExtras(Struct, frozen=True, kw_only=True):
    """What Retinue's own exports say beside, for which v2 has no place."""

    quote: LongText | None = None
    page: Count | None = None
    file_name: LongText | None = None


class CitationShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="file_citation"):
    """A mark that names a source."""

    text: LongText
    start_index: Offset
    end_index: Offset
    file_citation: Citation = Citation()
    retinue: CitationExtras | None = None


class Path(Struct, frozen=True, kw_only=True):
    """The file that a link leads to."""

    file_id: str = ""


class PathShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="file_path"):
    """A mark that is a link to a file."""

    text: LongText
    start_index: Offset
    end_index: Offset
    file_path: Path = Path()


AnnotationShape = CitationShape | PathShape


class TextValue(Struct, frozen=True, kw_only=True):
    """What a text part says."""

    value: LongText
    annotations: Annotated[tuple[AnnotationShape, ...], Meta(max_length=10_000)] | None = None


class TextShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """A text part."""

    text: TextValue


class RefusalShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="refusal"):
    """A part in which the model refuses."""

    refusal: LongText


class ImageFileValue(Struct, frozen=True, kw_only=True):
    """An uploaded image."""

    file_id: Id
    detail: Detail | None = None


class ImageFileShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="image_file"):
    """A part that is an uploaded image."""

    image_file: ImageFileValue


class ImageUrlValue(Struct, frozen=True, kw_only=True):
    """An image at an address."""

    url: str
    detail: Detail | None = None


class ImageUrlShape(Struct, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """A part that is an image at an address."""

    image_url: ImageUrlValue


PartShape = TextShape | RefusalShape | ImageFileShape | ImageUrlShape


class NamedKind(Struct, frozen=True, kw_only=True):
    """A tool by its kind."""

    type: Literal["code_interpreter", "file_search", "retrieval"]


class AttachmentShape(Struct, frozen=True, kw_only=True):
    """A file that a message brings along."""

    file_id: Id | None = None
    tools: Annotated[tuple[NamedKind, ...], Meta(max_length=16)] | None = None


class MessageDetails(Struct, frozen=True, kw_only=True):
    """Why a message was broken off."""

    reason: IncompleteReason | None = None


class MessageShape(Struct, frozen=True, kw_only=True):
    """A `thread.message`."""

    id: Id
    created_at: Seconds
    thread_id: Id
    role: Role
    content: Annotated[tuple[PartShape, ...], Meta(max_length=10_000)]
    status: MessageStatus | None = None
    incomplete_details: MessageDetails | None = None
    completed_at: Seconds | None = None
    incomplete_at: Seconds | None = None
    assistant_id: Id | None = None
    run_id: Id | None = None
    attachments: Annotated[tuple[AttachmentShape, ...], Meta(max_length=10_000)] | None = None
    file_ids: Ids | None = None
    metadata: Metadata | None = None


class ErrorShape(Struct, frozen=True, kw_only=True):
    """Why a run failed."""

    code: str
    message: LongText = ""


class RunDetails(Struct, frozen=True, kw_only=True):
    """Why a run ended before its answer was whole."""

    reason: RunIncompleteReason | None = None


class Truncation(Struct, frozen=True, kw_only=True):
    """How a long thread was cut."""

    type: Literal["auto", "last_messages"] = "auto"
    last_messages: TokenLimit | None = None


class PromptDetails(Struct, frozen=True, kw_only=True):
    """Of the prompt's tokens."""

    cached_tokens: Count | None = None


class CompletionDetails(Struct, frozen=True, kw_only=True):
    """Of the completion's tokens."""

    reasoning_tokens: Count | None = None


class UsageShape(Struct, frozen=True, kw_only=True):
    """Tokens spent."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    prompt_token_details: PromptDetails | None = None
    completion_tokens_details: CompletionDetails | None = None


class OwnFields(Struct, frozen=True, kw_only=True):
    """What a Retinue adds to a run."""

    cost_usd: Annotated[float, Meta(ge=0, le=1_000_000_000)] | None = None
    usage_estimated: bool = False


class ChosenFunction(Struct, frozen=True, kw_only=True):
    """The function that had to be called."""

    name: str


class NamedChoice(Struct, frozen=True, kw_only=True):
    """A tool that the model had to call."""

    type: Literal["function", "code_interpreter", "file_search", "retrieval"]
    function: ChosenFunction | None = None


class RunShape(Struct, frozen=True, kw_only=True):
    """A `thread.run`."""

    id: Id
    created_at: Seconds
    thread_id: Id
    assistant_id: Id
    status: Status
    model: Model
    instructions: LongText | None = None
    started_at: Seconds | None = None
    expires_at: Seconds | None = None
    cancelled_at: Seconds | None = None
    failed_at: Seconds | None = None
    completed_at: Seconds | None = None
    last_error: ErrorShape | None = None
    incomplete_details: RunDetails | None = None
    tools: Tools | None = None
    tool_resources: Resources | None = None
    file_ids: Ids | None = None
    tool_choice: str | NamedChoice | None = None
    parallel_tool_calls: bool | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    response_format: str | dict[str, Any] | None = None
    reasoning_effort: ReasoningEffort | None = None
    max_prompt_tokens: TokenLimit | None = None
    max_completion_tokens: TokenLimit | None = None
    truncation_strategy: Truncation | None = None
    usage: UsageShape | None = None
    metadata: Metadata | None = None
    retinue: OwnFields | None = None
