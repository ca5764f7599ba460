"""Our own routes, under /v1/retinue: what the page and the terminal need and the API lacks."""

from starlette.responses import Response

from retinue.api.assistants.render import tool, usage
from retinue.api.assistants.stream import run_stream
from retinue.api.call import Call, answer
from retinue.api.headers import header
from retinue.api.query import wants_contents
from retinue.api.sse import EventStream
from retinue.core.errors import InvalidRequest
from retinue.core.execution import Execution
from retinue.core.turn import Turn


async def run_events(call: Call) -> EventStream:
    """GET /retinue/runs/{run}/events: the run's stream, taken up after `Last-Event-ID`."""
    contents = wants_contents(call.request.query_params)
    await call.scope.runs.history(call.id("run"))  # NotFound is said before the stream begins
    return run_stream(call, call.id("run"), after=_last_event(call), contents=contents)


async def run_turns(call: Call) -> Response:
    """GET /retinue/runs/{run}/turns: the run's model calls, each with what went into it and what it cost."""
    history = await call.scope.runs.history(call.id("run"))
    return answer({"object": "list", "data": [_turn(turn) for turn in history.turns]})


async def run_executions(call: Call) -> Response:
    """GET /retinue/runs/{run}/executions: what this server ran of the run's calls, by the time when it began."""
    history = await call.scope.runs.history(call.id("run"))
    return answer({"object": "list", "data": [_execution(execution) for execution in history.executions]})


def _execution(execution: Execution) -> dict[str, object]:
    return {
        "object": "retinue.execution",
        "run_id": execution.run_id,
        "step_id": execution.step_id,
        "call_id": execution.call_id,
        "name": execution.name,
        "arguments": execution.arguments,
        "key": execution.key,
        "idempotent": execution.idempotent,
        "outcome": execution.outcome,
        "attempts": execution.attempts,
        "started_at": execution.started_at,
        "ended_at": execution.ended_at,
        "error": execution.error,
    }


async def tools(call: Call) -> Response:
    """GET /retinue/tools: the functions that this server runs for the caller's project, ready to be declared."""
    toolbox = call.engine.tools
    return answer(
        {
            "object": "list",
            "data": [
                {
                    "object": "retinue.tool",
                    "name": exposed.name,
                    "assistants": exposed.assistants,
                    "idempotent": toolbox.idempotent(exposed.name),
                    "declaration": tool(toolbox.declaration(exposed.name)),
                }
                for exposed in toolbox.exposed(call.caller.project)
            ],
        }
    )


def _turn(turn: Turn) -> dict[str, object]:
    manifest = turn.manifest
    return {
        "object": "retinue.turn",
        "run_id": turn.run_id,
        "index": turn.index,
        "model": turn.model,
        "provider": turn.provider,
        "attempts": turn.attempts,
        "finish_reason": turn.finish,
        "started_at": turn.started_at,
        "first_delta_at": turn.first_delta_at,
        "ended_at": turn.ended_at,
        "usage": usage(turn.usage),
        "usage_estimated": turn.usage.estimated,
        "cost_usd": turn.cost_usd,
        "problem": turn.problem,
        "manifest": {
            "item_positions": manifest.items,
            "dropped_items": manifest.dropped,
            "cut_outputs": manifest.cut,
            "tokens": manifest.tokens,
            "room": manifest.room,
            "tools": manifest.tools,
            "notes": manifest.notes,
        },
    }


def _last_event(call: Call) -> int:
    text = header(call.request, b"last-event-id").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise InvalidRequest(
            "Invalid 'Last-Event-ID': expected the id of an event of this run, a number.",
            param="Last-Event-ID",
            code="invalid_value",
        )
    return int(text)
