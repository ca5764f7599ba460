"""Core values as the objects of the Assistants API v2. Shapes: the OpenAPI document; the rest: recordings."""

from collections.abc import Iterable, Sequence

from retinue.api.lists import Json
from retinue.core.assistant import Assistant
from retinue.core.citations import Mark, shown
from retinue.core.code import code_of
from retinue.core.item import CallKind, Hit, ImageFile, ImageUrl, Message, Part, Text, ToolCall, ToolOutput
from retinue.core.run import Run, Status
from retinue.core.spending import Spending
from retinue.core.step import RunError, Step
from retinue.core.thread import Thread
from retinue.core.tools import FileSearchTool, FunctionTool, NamedTool, RankingOptions, Tool, ToolChoice, ToolResources
from retinue.core.usage import Usage


def assistant(value: Assistant) -> Json:
    """Return an `assistant`; the list of files that a v1 client set stands under `retinue`."""
    rendered: Json = {
        "id": value.id,
        "object": "assistant",
        "created_at": int(value.created_at),
        "name": value.name,
        "description": value.description,
        "model": value.model,
        "instructions": value.instructions,
        "tools": [tool(t) for t in value.tools],
        "tool_resources": resources(value.tool_resources),
        "metadata": value.metadata,
        "temperature": _or_default(value.temperature),
        "top_p": _or_default(value.top_p),
        "response_format": value.response_format or "auto",
        "reasoning_effort": value.reasoning_effort,
    }
    if value.files:
        rendered["retinue"] = {"file_ids": [file.file_id for file in value.files]}
    return rendered


def thread(value: Thread, spending: Spending | None = None) -> Json:
    """Return a `thread`; what it has cost, if anything, stands under `retinue`."""
    rendered: Json = {
        "id": value.id,
        "object": "thread",
        "created_at": int(value.created_at),
        "metadata": value.metadata,
        "tool_resources": resources(value.tool_resources),
    }
    if spending is not None:
        rendered["retinue"] = {
            "turns": spending.turns,
            "usage": usage(spending.usage),
            "usage_estimated": spending.usage.estimated,
            "cost_usd": spending.cost_usd,
            "unpriced_turns": spending.unpriced,
        }
    return rendered


def message(value: Message) -> Json:
    """Return a `thread.message`."""
    return {
        "id": value.id,
        "object": "thread.message",
        "created_at": int(value.created_at),
        "thread_id": value.thread_id,
        "status": value.status,
        "incomplete_details": {"reason": value.reason} if value.reason else None,
        "completed_at": _time(value.ended_at) if value.status == "completed" else None,
        "incomplete_at": _time(value.ended_at) if value.status == "incomplete" else None,
        "role": value.role,
        "content": [part(p) for p in value.content],
        "assistant_id": value.assistant_id,
        "run_id": value.run_id,
        "attachments": [
            {"file_id": a.file_id, "tools": [{"type": kind} for kind in a.tools]} for a in value.attachments
        ],
        "metadata": value.metadata,
    }


def run(value: Run) -> Json:
    """Return a `thread.run`; what is ours alone stands under `retinue`."""
    spec, status = value.spec, value.status
    rendered = {
        "id": value.id,
        "object": "thread.run",
        "created_at": int(value.created_at),
        "assistant_id": spec.assistant_id,
        "thread_id": value.thread_id,
        "status": status,
        "started_at": _time(value.started_at),
        "expires_at": None if status.final else int(value.expires_at),
        "cancelled_at": _time(value.ended_at) if status is Status.CANCELLED else None,
        "failed_at": _time(value.ended_at) if status is Status.FAILED else None,
        "completed_at": _time(value.ended_at) if status in (Status.COMPLETED, Status.INCOMPLETE) else None,
        "required_action": _required_action(value.pending) if value.pending else None,
        "last_error": _error(value.error),
        "model": spec.model,
        "instructions": spec.instructions,
        "tools": [tool(t) for t in spec.tools],
        "tool_resources": resources(spec.tool_resources),
        "metadata": value.metadata,
        "temperature": _or_default(spec.temperature),
        "top_p": _or_default(spec.top_p),
        "reasoning_effort": spec.reasoning_effort,
        "max_completion_tokens": spec.max_completion_tokens,
        "max_prompt_tokens": spec.max_prompt_tokens,
        "truncation_strategy": {
            "type": "auto" if spec.last_messages is None else "last_messages",
            "last_messages": spec.last_messages,
        },
        "incomplete_details": {"reason": value.incomplete} if value.incomplete else None,
        "usage": usage(value.usage),
        "response_format": spec.response_format or "auto",
        "tool_choice": _tool_choice(spec.tool_choice),
        "parallel_tool_calls": spec.parallel_tool_calls,
    }
    if value.usage is not None:
        rendered["retinue"] = {"cost_usd": value.cost_usd, "usage_estimated": value.usage.estimated}
    return rendered


def step(value: Step, calls: Iterable[ToolCall], outputs: Iterable[ToolOutput], *, contents: bool = False) -> Json:
    """Return a `thread.run.step`; with the contents of what file searches found or not."""
    return {
        "id": value.id,
        "object": "thread.run.step",
        "created_at": int(value.created_at),
        "run_id": value.run_id,
        "assistant_id": value.assistant_id,
        "thread_id": value.thread_id,
        "type": value.kind,
        "status": value.status,
        "cancelled_at": _time(value.ended_at) if value.status == "cancelled" else None,
        "completed_at": _time(value.ended_at) if value.status == "completed" else None,
        "expired_at": _time(value.ended_at) if value.status == "expired" else None,
        "failed_at": _time(value.ended_at) if value.status == "failed" else None,
        "expires_at": int(value.expires_at) if value.status == "in_progress" else None,
        "last_error": _error(value.error),
        "step_details": _step_details(value, calls, outputs, contents),
        "usage": usage(value.usage),
        "metadata": value.metadata,
    }


def usage(value: Usage | None) -> Json | None:
    """Return the usage of a run or a step."""
    if value is None:
        return None
    return {
        "prompt_tokens": value.prompt,
        "completion_tokens": value.completion,
        "total_tokens": value.total,
        "prompt_token_details": {"cached_tokens": value.cached},
        "completion_tokens_details": {"reasoning_tokens": value.reasoning},
    }


def tool(value: Tool) -> Json:
    """Return a tool's declaration."""
    match value:
        case FunctionTool():
            function: Json = {"name": value.name, "parameters": value.parameters or {}, "strict": bool(value.strict)}
            if value.description is not None:
                function["description"] = value.description
            return {"type": "function", "function": function}
        case FileSearchTool():
            options: Json = {"ranking_options": _ranking(value.ranking_options)}
            if value.max_num_results is not None:
                options["max_num_results"] = value.max_num_results
            return {"type": "file_search", "file_search": options}
        case _:
            return {"type": "code_interpreter"}


def resources(value: ToolResources | None) -> Json:
    """Return tool resources; an empty object where there are none."""
    rendered: Json = {}
    if value and value.code_interpreter is not None:
        rendered["code_interpreter"] = {"file_ids": value.code_interpreter}
    if value and value.file_search is not None:
        rendered["file_search"] = {"vector_store_ids": value.file_search}
    return rendered


def part(value: Part) -> Json:
    """Return a part of a message's content; a text with the markers of its citations."""
    match value:
        case Text():
            text, marks = shown(value)
            return {"type": "text", "text": {"value": text, "annotations": [annotation(mark) for mark in marks]}}
        case ImageFile():
            return {"type": "image_file", "image_file": {"file_id": value.file_id, "detail": value.detail}}
        case ImageUrl():
            return {"type": "image_url", "image_url": {"url": value.url, "detail": value.detail}}


def annotation(mark: Mark) -> Json:
    """Return an annotation; what is known of its source beside the file stands under `retinue`."""
    kind = mark.annotation.kind
    rendered: Json = {
        "type": kind,
        "text": mark.text,
        "start_index": mark.start,
        "end_index": mark.end,
        kind: {"file_id": mark.annotation.file_id},
    }
    known = {name: getattr(mark.annotation, name) for name in ("quote", "page", "file_name")}
    if told := {name: value for name, value in known.items() if value is not None}:
        rendered["retinue"] = told
    return rendered


def hosted(kind: CallKind) -> str:
    """Return what the calls of a hosted tool are called."""
    return kind


def code_outputs(value: ToolOutput) -> list[Json]:
    """Return what code came to: what it printed, if it did, and the charts that it drew."""
    logs: list[Json] = [{"type": "logs", "logs": value.output}] if value.output else []
    return [*logs, *({"type": "image", "image": {"file_id": id_}} for id_ in value.charts)]


def _required_action(calls: Sequence[ToolCall]) -> Json:
    rendered = [
        {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in calls
    ]
    return {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": rendered}}


def _step_details(value: Step, calls: Iterable[ToolCall], outputs: Iterable[ToolOutput], contents: bool) -> Json:
    if value.kind == "message_creation":
        return {"type": "message_creation", "message_creation": {"message_id": value.message_id}}
    ended = {output.call_id: output for output in outputs}
    return {"type": "tool_calls", "tool_calls": [_call(call, ended.get(call.call_id), contents) for call in calls]}


def _call(call: ToolCall, output: ToolOutput | None, contents: bool) -> Json:
    match call.kind:
        case "function":
            said = output.output if output else None
            inner: Json = {"name": call.name, "arguments": call.arguments, "output": said}
        case "file_search" if output and output.ranking:
            results = [_result(hit, output, contents) for hit in output.hits]
            ranking = {"ranker": output.ranking.ranker, "score_threshold": output.ranking.score_threshold}
            inner = {"ranking_options": ranking, "results": results}
        case "code_interpreter":
            inner = {"input": code_of(call.arguments), "outputs": code_outputs(output) if output else []}
        case _:
            inner = {}
    return {"id": call.call_id, "type": call.kind, call.kind: inner}


def _result(hit: Hit, output: ToolOutput, contents: bool) -> Json:
    rendered: Json = {"file_id": hit.file_id, "file_name": hit.file_name, "score": hit.score}
    if contents:
        rendered["content"] = [{"type": "text", "text": output.output[hit.start : hit.end]}]
    if hit.pages:
        rendered["retinue"] = {"pages": [page for _, page in hit.pages]}
    return rendered


def _tool_choice(choice: ToolChoice) -> str | Json:
    if not isinstance(choice, NamedTool):
        return choice
    named: Json = {"type": choice.type}
    if choice.name is not None:
        named["function"] = {"name": choice.name}
    return named


def _ranking(options: RankingOptions | None) -> Json:
    options = options or RankingOptions(score_threshold=0)
    ranking: Json = {"ranker": options.ranker, "score_threshold": options.score_threshold}
    if options.hybrid_search is not None:
        ranking["hybrid_search"] = options.hybrid_search
    return ranking


def _error(error: RunError | None) -> Json | None:
    return error if error is None else {"code": error.code, "message": error.message}


def _time(at: float | None) -> int | None:
    return None if at is None else int(at)


def _or_default(value: float | None) -> float:
    return 1.0 if value is None else value
