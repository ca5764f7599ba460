"""What comes next in a run: a pure function of what is stored of it.

A driver asks, does that one thing, commits, and asks again. Kill it anywhere: the next one goes on from here.
"""

from msgspec import Struct

from retinue.core.history import History
from retinue.core.item import ToolCall
from retinue.core.run import RunIncompleteReason, Status
from retinue.core.step import RunError
from retinue.core.turn import Turn

MAX_LOST_DRIVERS = 5
MAX_CORRECTIONS = 2
"""How often a run's model is asked again because its answer was not what `response_format` asks for."""

_LOST_TOO_OFTEN = RunError(
    code="server_error",
    message="The server stopped again and again amid this run, so it is not tried once more. See the server's log.",
)


class CallModel(Struct, frozen=True, kw_only=True):
    """Call the model once; the limits are what is left of the run's own."""

    turn: int
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class RunTools(Struct, frozen=True):
    """Run these calls on the server."""

    calls: tuple[ToolCall, ...]


class AwaitOutputs(Struct, frozen=True):
    """Hand these calls to the client and let go of the run."""

    calls: tuple[ToolCall, ...]


class Finish(Struct, frozen=True, kw_only=True):
    """End the run."""

    status: Status
    error: RunError | None = None
    incomplete: RunIncompleteReason | None = None


class Rest(Struct, frozen=True):
    """Nothing to do: the run is over, or waits for its client."""


Action = CallModel | RunTools | AwaitOutputs | Finish | Rest


def next_action(history: History, *, now: float, max_turns: int) -> Action:
    """Return what the driver of this run does next.

    `now` is in seconds since 1970; `max_turns` bounds the model calls of one run, so that a model that calls
    functions for ever comes to an end.
    """
    run, spec, turns = history.run, history.run.spec, history.turns
    if run.status.final:
        return Rest()
    if run.status is Status.CANCELLING:
        return Finish(status=Status.CANCELLED)
    if now >= run.expires_at:
        return Finish(status=Status.EXPIRED)
    if run.status is Status.REQUIRES_ACTION:
        return Rest()
    if run.lost_drivers > MAX_LOST_DRIVERS:
        return Finish(status=Status.FAILED, error=_LOST_TOO_OFTEN)
    if turns and (end := _end_of_answer(history)):
        return end
    if calls := history.unanswered_calls():
        served = tuple(call for call in calls if spec.serves(call))
        return RunTools(served) if served else AwaitOutputs(calls)
    if len(turns) >= max_turns:
        return Finish(status=Status.FAILED, error=_too_many_turns(max_turns))
    used = history.usage
    if spec.max_completion_tokens is not None and used.completion >= spec.max_completion_tokens:
        return Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")
    if spec.max_prompt_tokens is not None and used.prompt >= spec.max_prompt_tokens:
        return Finish(status=Status.INCOMPLETE, incomplete="max_prompt_tokens")
    return CallModel(
        turn=len(turns),
        prompt_tokens=_left(spec.max_prompt_tokens, used.prompt),
        completion_tokens=_left(spec.max_completion_tokens, used.completion),
    )


def _end_of_answer(history: History) -> Finish | None:
    match history.turns[-1].finish:
        case "stop":
            return _end_of_checked_answer(history.turns)
        case "length":
            return Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens")
        case "content_filter":
            message = "The model's content filter broke the reply off. Rephrase the request or use another model."
            return Finish(status=Status.FAILED, error=RunError(code="server_error", message=message))
        case "tool_calls" | "broken_off":
            return None


def _end_of_checked_answer(turns: tuple[Turn, ...]) -> Finish | None:
    """Complete the run, unless the answer has a problem: then the model is asked again, as often as it may be."""
    problem = turns[-1].problem
    if problem is None:
        return Finish(status=Status.COMPLETED)
    if sum(turn.problem is not None for turn in turns) <= MAX_CORRECTIONS:
        return None
    message = f"{problem} The model was asked again {MAX_CORRECTIONS} times. Use another model or a simpler format."
    return Finish(status=Status.FAILED, error=RunError(code="server_error", message=message))


def _too_many_turns(max_turns: int) -> RunError:
    message = (
        f"The run reached its limit of {max_turns} model calls without a final answer. "
        "Raise it with RETINUE_MAX_TURNS if that many are meant."
    )
    return RunError(code="server_error", message=message)


def _left(limit: int | None, used: int) -> int | None:
    return None if limit is None else limit - used
