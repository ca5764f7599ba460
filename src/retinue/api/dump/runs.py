"""Runs of a dump as core values: all of them are over, for nothing drives them any more."""

from collections.abc import Iterator

from msgspec import structs

from retinue.api.dump import shapes
from retinue.api.dump.values import resources, response_format, set_or_none, tools
from retinue.core.errors import RunErrorCode
from retinue.core.run import LIVE, Run, RunSpec, Status
from retinue.core.step import RunError
from retinue.core.tools import NamedTool, ToolChoice
from retinue.core.usage import Usage

_EXPIRES_S = 600.0  # contract: "Run states"
_ERROR_CODES: dict[str, RunErrorCode] = {
    "rate_limit_exceeded": "rate_limit_exceeded",
    "invalid_prompt": "invalid_prompt",
}


def run(shape: shapes.RunShape) -> Run:
    """Return a run with the moves that led where it stands. One that was live when it was dumped has expired."""
    status = Status.EXPIRED if shape.status in LIVE else shape.status
    expires_at = shape.created_at + _EXPIRES_S if shape.expires_at is None else float(shape.expires_at)
    value = Run(
        id=shape.id,
        thread_id=shape.thread_id,
        branch="",
        created_at=shape.created_at,
        expires_at=expires_at,
        spec=_spec(shape),
        metadata=shape.metadata or {},
    )
    ended_at = _ended_at(shape, status, expires_at)
    for number, (move, at) in enumerate(_moves(shape, status, ended_at), start=value.first_number):
        value = value.moved(move, at=at, event=number)
    own = shape.retinue or shapes.OwnFields()
    return structs.replace(
        value,
        started_at=shape.started_at,
        error=_error(shape.last_error),
        incomplete=shape.incomplete_details.reason if shape.incomplete_details else None,
        usage=_usage(shape.usage, estimated=own.usage_estimated),
        cost_usd=own.cost_usd,
    )


def _moves(shape: shapes.RunShape, status: Status, ended_at: float) -> Iterator[tuple[Status, float]]:
    """The moves that a run in this status has made, as far as what is known of it tells."""
    yield Status.QUEUED, shape.created_at
    if shape.started_at is not None or status in (Status.COMPLETED, Status.INCOMPLETE):
        yield Status.IN_PROGRESS, shape.created_at if shape.started_at is None else shape.started_at
    if status is Status.CANCELLED:
        yield Status.CANCELLING, ended_at
    yield status, ended_at


def _ended_at(shape: shapes.RunShape, status: Status, expires_at: float) -> float:
    match status:
        case Status.EXPIRED:
            return expires_at
        case Status.CANCELLED:
            at = shape.cancelled_at
        case Status.FAILED:
            at = shape.failed_at
        case _:
            at = shape.completed_at
    return at if at is not None else shape.started_at or shape.created_at


def _spec(shape: shapes.RunShape) -> RunSpec:
    declared = tools(shape.tools)
    truncation = shape.truncation_strategy or shapes.Truncation()
    return RunSpec(
        assistant_id=shape.assistant_id,
        model=shape.model,
        instructions=shape.instructions or "",
        tools=declared,
        tool_resources=resources(shape.tool_resources),
        file_ids=tuple(shape.file_ids or ()),
        tool_choice=_choice(shape.tool_choice),
        parallel_tool_calls=shape.parallel_tool_calls is not False,
        temperature=set_or_none(shape.temperature),
        top_p=set_or_none(shape.top_p),
        response_format=response_format(shape.response_format),
        reasoning_effort=shape.reasoning_effort,
        max_prompt_tokens=shape.max_prompt_tokens,
        max_completion_tokens=shape.max_completion_tokens,
        last_messages=truncation.last_messages if truncation.type == "last_messages" else None,
    )


def _error(shape: shapes.ErrorShape | None) -> RunError | None:
    if shape is None:
        return None
    return RunError(code=_ERROR_CODES.get(shape.code, "server_error"), message=shape.message)


def _usage(shape: shapes.UsageShape | None, *, estimated: bool) -> Usage | None:
    if shape is None:
        return None
    prompt, completion = shape.prompt_token_details, shape.completion_tokens_details
    return Usage(
        prompt=shape.prompt_tokens,
        completion=shape.completion_tokens,
        cached=(prompt.cached_tokens or 0) if prompt else 0,
        reasoning=(completion.reasoning_tokens or 0) if completion else 0,
        estimated=estimated,
    )


def _choice(shape: str | shapes.NamedChoice | None) -> ToolChoice:
    match shape:
        case shapes.NamedChoice(type="function", function=function):
            return NamedTool(type="function", name=function.name) if function else "auto"
        case shapes.NamedChoice(type=kind):
            return NamedTool(type="file_search" if kind == "retrieval" else kind)
        case "none":
            return "none"
        case "required":
            return "required"
        case _:
            return "auto"
