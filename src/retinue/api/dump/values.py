"""Objects of a dump as core values."""

from collections.abc import Sequence
from typing import Any

from retinue.api.assistants.v1.bodies import attachments_of
from retinue.api.dump import shapes
from retinue.core.assistant import Assistant, AttachedFile, ResponseFormat
from retinue.core.citations import Mark, stored
from retinue.core.errors import InvalidRequest
from retinue.core.item import Annotation, Attachment, ImageFile, ImageUrl, Message, Part, Text
from retinue.core.thread import Thread
from retinue.core.tools import CodeInterpreterTool, FileSearchTool, FunctionTool, RankingOptions, Tool, ToolResources

_RANKER = RankingOptions(score_threshold=0)
_MAX_DEPTH = 100  # of JSON that is kept as it is
_MAX_INTEGER = 2**63 - 1
_SERVICES_DEFAULT = 1.0  # temperature and top_p: what the service shows where nothing was set


def assistant(shape: shapes.AssistantShape) -> Assistant:
    """Return an assistant; what it shows where nothing was set is taken as not set."""
    return Assistant(
        id=shape.id,
        created_at=shape.created_at,
        model=shape.model,
        name=shape.name,
        description=shape.description,
        instructions=shape.instructions,
        tools=tools(shape.tools),
        tool_resources=resources(shape.tool_resources),
        files=_files(shape),
        temperature=set_or_none(shape.temperature),
        top_p=set_or_none(shape.top_p),
        response_format=response_format(shape.response_format),
        reasoning_effort=shape.reasoning_effort,
        metadata=shape.metadata or {},
    )


def thread(shape: shapes.ThreadShape) -> Thread:
    """Return a thread; its branch is made where it is stored."""
    return Thread(
        id=shape.id,
        created_at=shape.created_at,
        head="",
        tool_resources=resources(shape.tool_resources),
        metadata=shape.metadata or {},
    )


def message(shape: shapes.MessageShape) -> Message:
    """Return a message. One that was being said when it was dumped was broken off: nobody says it any more."""
    status = shape.status or "completed"
    reason = shape.incomplete_details.reason if shape.incomplete_details else None
    if status == "in_progress":
        status, reason = "incomplete", "run_expired"
    return Message(
        id=shape.id,
        thread_id=shape.thread_id,
        role=shape.role,
        created_at=shape.created_at,
        content=tuple(map(_part, shape.content)),
        status=status,
        reason=reason if status == "incomplete" else None,
        ended_at=shape.completed_at if status == "completed" else shape.incomplete_at,
        assistant_id=shape.assistant_id,
        run_id=shape.run_id,
        attachments=_attachments(shape),
        metadata=shape.metadata or {},
    )


def tools(declared: Sequence[shapes.ToolShape] | None) -> tuple[Tool, ...]:
    """Return tools; v1's `retrieval` is `file_search`."""
    return tuple(map(_tool, declared or ()))


def resources(shape: shapes.Resources | None) -> ToolResources | None:
    """Return what hosted tools may use, as v2 names it."""
    if shape is None or (shape.code_interpreter is None and shape.file_search is None):
        return None
    interpreter, search = shape.code_interpreter, shape.file_search
    return ToolResources(
        code_interpreter=(interpreter.file_ids or ()) if interpreter else None,
        file_search=(search.vector_store_ids or ()) if search else None,
    )


def set_or_none(value: float | None) -> float | None:
    """Return a temperature or top_p if it was set, for dumps show the default where it was not."""
    return None if value == _SERVICES_DEFAULT else value


def response_format(value: str | dict[str, Any] | None) -> ResponseFormat | None:
    """Return a response format; raises InvalidRequest for a word that is none."""
    if isinstance(value, dict):
        return _plain(value, "response_format")
    if value in (None, "auto", "none"):
        return None
    raise InvalidRequest(f"Invalid 'response_format': {value[:64]!r} is none.", param="response_format")


def _files(shape: shapes.AssistantShape) -> tuple[AttachedFile, ...]:
    """The files that v1 lists; its hosted tools get them where the assistant is stored."""
    ids = dict.fromkeys(shape.file_ids or (shape.retinue and shape.retinue.file_ids) or ())
    return tuple(AttachedFile(file_id=id_, attached_at=shape.created_at) for id_ in ids)


def _tool(shape: shapes.ToolShape) -> Tool:
    match shape:
        case shapes.FunctionShape(function=function):
            return FunctionTool(
                name=function.name,
                description=function.description,
                parameters=function.parameters and _plain(function.parameters, "tools[].function.parameters"),
                strict=function.strict,
            )
        case shapes.InterpreterShape():
            return CodeInterpreterTool()
        case shapes.RetrievalShape():
            return FileSearchTool()
        case shapes.SearchShape():
            options = shape.file_search or shapes.SearchOptions()
            return FileSearchTool(
                max_num_results=options.max_num_results, ranking_options=_ranking(options.ranking_options)
            )


def _plain(value: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a JSON object that can be stored and read again; raises InvalidRequest."""
    nested: list[tuple[Any, int]] = [(value, 0)]
    while nested:
        inner, depth = nested.pop()
        if depth > _MAX_DEPTH:
            raise InvalidRequest(f"Invalid '{name}': it is nested too deeply.", param=name)
        if isinstance(inner, int) and not -_MAX_INTEGER <= inner <= _MAX_INTEGER:
            raise InvalidRequest(f"Invalid '{name}': it holds a number of more than 63 bits.", param=name)
        children = inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
        nested += ((child, depth + 1) for child in children)
    return value


def _ranking(shape: shapes.Ranking | None) -> RankingOptions | None:
    if shape is None:
        return None
    ranking = RankingOptions(
        score_threshold=shape.score_threshold,
        ranker=shape.ranker or _RANKER.ranker,
        hybrid_search=shape.hybrid_search,
    )
    return None if ranking == _RANKER else ranking


def _part(shape: shapes.PartShape) -> Part:
    match shape:
        case shapes.TextShape(text=text):
            return stored(text.value, map(_mark, text.annotations)) if text.annotations else Text(text.value)
        case shapes.RefusalShape(refusal=refusal):
            return Text(refusal)
        case shapes.ImageFileShape(image_file=file):
            return ImageFile(file_id=file.file_id, detail=file.detail or "auto")
        case shapes.ImageUrlShape(image_url=url):
            return ImageUrl(url=url.url, detail=url.detail or "auto")


def _mark(shape: shapes.AnnotationShape) -> Mark:
    match shape:
        case shapes.CitationShape(file_citation=cited, retinue=extras):
            extras = extras or shapes.CitationExtras(quote=cited.quote)
            kept = Annotation(
                kind="file_citation",
                file_id=cited.file_id,
                start=0,
                end=0,
                quote=extras.quote,
                page=extras.page,
                file_name=extras.file_name,
            )
        case shapes.PathShape(file_path=path):
            kept = Annotation(kind="file_path", file_id=path.file_id, start=0, end=0)
    return Mark(kept, shape.start_index, shape.end_index, shape.text)


def _attachments(shape: shapes.MessageShape) -> tuple[Attachment, ...]:
    """A message's files; v1 gave each to both tools."""
    if shape.attachments:
        return tuple(
            Attachment(file_id=a.file_id, tools=tuple(_tool_name(tool.type) for tool in a.tools or ()))
            for a in shape.attachments
            if a.file_id
        )
    return attachments_of(shape.file_ids or ())


def _tool_name(name: str) -> Any:
    return "file_search" if name == "retrieval" else name
