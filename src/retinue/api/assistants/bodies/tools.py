"""Tools, tool choices, resources and response formats as bodies declare them."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from retinue.api.assistants.bodies.messages import Id
from retinue.api.fields import Body, Metadata, Weight
from retinue.api.vector_stores.bodies.chunking import Strategy, chunking_of
from retinue.core.assistant import ResponseFormat
from retinue.core.errors import InvalidRequest
from retinue.core.invalid import missing, unknown
from retinue.core.search import MAX_RESULTS
from retinue.core.tools import (
    CodeInterpreterTool,
    FileSearchTool,
    FunctionTool,
    NamedTool,
    RankingOptions,
    Tool,
    ToolChoice,
    ToolResources,
)
from retinue.core.vector_store import MAX_FILES, FileDraft, FilledStore, VectorStore

FunctionName = Annotated[str, Meta(max_length=64, pattern=r"^[a-zA-Z0-9_-]+$")]
_NEW_STORES = "tool_resources.file_search.vector_stores"
_Ids = Annotated[tuple[Id, ...], Meta(max_length=20)]


class Function(Body, frozen=True, kw_only=True):
    """A function's declaration."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class FunctionDeclaration(Body, frozen=True, kw_only=True, tag_field="type", tag="function"):
    """A tool that the client runs."""

    function: Function


class CodeInterpreterDeclaration(Body, frozen=True, kw_only=True, tag_field="type", tag="code_interpreter"):
    """The hosted interpreter."""


class HybridSearch(Body, frozen=True, kw_only=True):
    """How much each kind of search weighs."""

    embedding_weight: Weight
    text_weight: Weight

    def __post_init__(self) -> None:
        if not self.embedding_weight + self.text_weight:
            raise ValueError("one of the weights must be above 0")


class Ranking(Body, frozen=True, kw_only=True):
    """How file search ranks."""

    score_threshold: Annotated[float, Meta(ge=0, le=1)]
    ranker: Literal["auto", "default_2024_08_21"] = "default_2024_08_21"
    hybrid_search: HybridSearch | None = None


class FileSearchOptions(Body, frozen=True, kw_only=True):
    """Bounds of a file search."""

    max_num_results: Annotated[int, Meta(ge=1, le=MAX_RESULTS)] | None = None
    ranking_options: Ranking | None = None


class FileSearchDeclaration(Body, frozen=True, kw_only=True, tag_field="type", tag="file_search"):
    """The hosted search."""

    file_search: FileSearchOptions | None = None


class RetrievalDeclaration(Body, frozen=True, kw_only=True, tag_field="type", tag="retrieval"):
    """The hosted search, as v1 calls it."""


ToolDeclaration = FunctionDeclaration | CodeInterpreterDeclaration | FileSearchDeclaration
Tools = Annotated[tuple[ToolDeclaration, ...], Meta(max_length=128)]
V1ToolDeclaration = FunctionDeclaration | CodeInterpreterDeclaration | RetrievalDeclaration
V1Tools = Annotated[tuple[V1ToolDeclaration, ...], Meta(max_length=128)]


class ChosenFunction(Body, frozen=True, kw_only=True):
    """The function that must be called."""

    name: str


class ToolChoiceObject(Body, frozen=True, kw_only=True):
    """A tool that must be called."""

    type: Literal["function", "code_interpreter", "file_search"]
    function: ChosenFunction | None = None


ToolChoiceOption = Literal["none", "auto", "required"] | ToolChoiceObject


class V1ToolChoiceObject(Body, frozen=True, kw_only=True):
    """A tool that must be called, by v1's names."""

    type: Literal["function", "code_interpreter", "retrieval"]
    function: ChosenFunction | None = None


V1ToolChoiceOption = Literal["none", "auto", "required"] | V1ToolChoiceObject


class InterpreterFiles(Body, frozen=True, kw_only=True):
    """Files of the interpreter."""

    file_ids: _Ids = ()


class NewStore(Body, frozen=True, kw_only=True):
    """A vector store that is made together with what searches it."""

    file_ids: Annotated[tuple[Id, ...], Meta(max_length=MAX_FILES)] | None = None
    chunking_strategy: Strategy | None = None
    metadata: Metadata | None = None

    def draft(self, param: str) -> FilledStore:
        """Return its draft; raises InvalidRequest, which names the field under `param`."""
        chunking = chunking_of(self.chunking_strategy, f"{param}.chunking_strategy")
        return FilledStore(
            store=VectorStore(id="", created_at=0, metadata=self.metadata or {}),
            files=tuple(FileDraft(file_id=id_, chunking=chunking) for id_ in self.file_ids or ()),
        )


class SearchStores(Body, frozen=True, kw_only=True):
    """Vector stores of file search: one that is there, or one that is made."""

    vector_store_ids: Annotated[tuple[Id, ...], Meta(max_length=1)] | None = None
    vector_stores: Annotated[tuple[NewStore, ...], Meta(max_length=1)] | None = None


class Resources(Body, frozen=True, kw_only=True):
    """What hosted tools may use."""

    code_interpreter: InterpreterFiles | None = None
    file_search: SearchStores | None = None


class TextFormat(Body, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """Plain text."""


class JsonObjectFormat(Body, frozen=True, kw_only=True, tag_field="type", tag="json_object"):
    """Any JSON object."""


class JsonSchema(Body, frozen=True, kw_only=True, omit_defaults=True):
    """A named schema."""

    name: FunctionName
    description: str | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class JsonSchemaFormat(Body, frozen=True, kw_only=True, tag_field="type", tag="json_schema"):
    """JSON by a schema."""

    json_schema: JsonSchema


Format = Literal["auto"] | TextFormat | JsonObjectFormat | JsonSchemaFormat
AnyFormat = Literal["none"] | Format
"""What some generation takes: v1 also knows a format that is none."""


def tools_of(declarations: tuple[ToolDeclaration | RetrievalDeclaration, ...]) -> tuple[Tool, ...]:
    """Return declared tools as core values; raises InvalidRequest for one that is declared twice."""
    firsts: dict[str, int] = {}
    for index, declaration in enumerate(declarations):
        called = _called(declaration)
        first = firsts.setdefault(called, index)
        if first != index:
            raise InvalidRequest(
                f"Invalid 'tools[{index}]': {called} is declared already, as 'tools[{first}]'. Declare it once.",
                param=f"tools[{index}]",
                code="invalid_value",
            )
    return tuple(map(_tool, declarations))


def choice_of(choice: ToolChoiceOption | V1ToolChoiceOption | None) -> ToolChoice | None:
    """Return a tool choice as a core value."""
    if not isinstance(choice, ToolChoiceObject | V1ToolChoiceObject):
        return choice
    name = choice.function.name if choice.function else None
    if choice.type == "function" and name is None:
        raise missing("tool_choice.function")
    kind = "file_search" if choice.type == "retrieval" else choice.type
    return NamedTool(type=kind, name=name if kind == "function" else None)


def new_store_of(resources: Resources | None) -> FilledStore | None:
    """Return the vector store that is to be made, if one is; raises InvalidRequest."""
    search = resources and resources.file_search
    if not search or not search.vector_stores:
        return None
    if search.vector_store_ids:
        raise InvalidRequest(
            f"Name a vector store in 'vector_store_ids' or have one made by '{_NEW_STORES}', not both.",
            param=_NEW_STORES,
            code="invalid_value",
        )
    return search.vector_stores[0].draft(f"{_NEW_STORES}[0]")


def named_resources_of(resources: Resources | None) -> ToolResources | None:
    """Return tool resources where no vector store can be made; raises InvalidRequest for the wish."""
    if new_store_of(resources) is not None:
        raise unknown(_NEW_STORES)
    return resources_of(resources)


def resources_of(resources: Resources | None) -> ToolResources | None:
    """Return tool resources as a core value, without a vector store that is still to be made."""
    if resources is None:
        return None
    search = resources.file_search
    return ToolResources(
        code_interpreter=resources.code_interpreter.file_ids if resources.code_interpreter else None,
        file_search=(search.vector_store_ids or ()) if search else None,
    )


def format_of(format_: AnyFormat | None) -> ResponseFormat | None:
    """Return a response format as a core value; "none" asks for as little as "auto" does."""
    if format_ is None or isinstance(format_, str):
        return format_ and "auto"
    built: dict[str, Any] = msgspec.to_builtins(format_)
    return built


def _called(declaration: ToolDeclaration | RetrievalDeclaration) -> str:
    if isinstance(declaration, FunctionDeclaration):
        return f"the function '{declaration.function.name}'"
    return str(declaration.__struct_config__.tag)


def _tool(declaration: ToolDeclaration | RetrievalDeclaration) -> Tool:
    match declaration:
        case FunctionDeclaration(function=function):
            return FunctionTool(
                name=function.name,
                description=function.description,
                parameters=function.parameters,
                strict=function.strict,
            )
        case CodeInterpreterDeclaration():
            return CodeInterpreterTool()
        case RetrievalDeclaration():
            return FileSearchTool()
        case FileSearchDeclaration():
            options = declaration.file_search or FileSearchOptions()
            return FileSearchTool(
                max_num_results=options.max_num_results, ranking_options=_ranking(options.ranking_options)
            )


def _ranking(ranking: Ranking | None) -> RankingOptions | None:
    if ranking is None:
        return None
    weights = ranking.hybrid_search
    return RankingOptions(
        score_threshold=ranking.score_threshold,
        ranker=ranking.ranker,
        hybrid_search=None if weights is None else msgspec.to_builtins(weights),
    )
