"""How a run ends, or loses its driver: what becomes of the steps that are still open."""

from msgspec import structs

from retinue.core.events import Event, RunChanged, StepEnded
from retinue.core.history import History, RunChange
from retinue.core.item import IncompleteReason, Item, Message, Text
from retinue.core.next_action import Finish
from retinue.core.outputs import give_up, tell_outputs
from retinue.core.run import Status
from retinue.core.step import RunError, Step, StepStatus

_STEP_STATUS: dict[Status, StepStatus] = {
    Status.CANCELLED: "cancelled",
    Status.EXPIRED: "expired",
    Status.FAILED: "failed",
    Status.INCOMPLETE: "failed",
    Status.COMPLETED: "completed",
}
_MESSAGE_REASON: dict[Status, IncompleteReason] = {
    Status.CANCELLED: "run_cancelled",
    Status.EXPIRED: "run_expired",
    Status.FAILED: "run_failed",
    Status.INCOMPLETE: "max_tokens",
}
_CUT_AMID_CALL = RunError(code="server_error", message="The reply reached its token limit amid a tool call.")
_INTERRUPTED = RunError(code="server_error", message="The server stopped amid this step; the model was asked again.")


def finish(history: History, end: Finish, *, at: float, number: int) -> tuple[RunChange, list[Event]]:
    """End the run: return what to store and what to tell, numbered from `number`."""
    told: list[Event] = []
    run = history.run
    if end.status is Status.CANCELLED and run.transitions[-1].status is not Status.CANCELLING:
        run = run.moved(Status.CANCELLING, at=at, event=number)
        told.append(RunChanged(number, run))
    unknown, given_up = tell_outputs(history, _give_up_running(history, at=at), number=number + len(told))
    told += given_up
    history = history.after(unknown)
    change, closed = _close_steps(history, history.steps, end, at=at, number=number + len(told))
    events = [*told, *closed]
    number += len(events)
    run = structs.replace(
        run.moved(end.status, at=at, event=number),
        error=end.error,
        incomplete=end.incomplete,
        usage=history.usage,
        cost_usd=history.cost_usd,
    )
    events.append(RunChanged(number, run))
    return unknown.then(structs.replace(change, run=run)), events


def abandon(history: History, *, at: float, number: int) -> tuple[RunChange, list[Event]]:
    """Close the steps of a model call that a driver before this one did not live to end."""
    told = {turn.index for turn in history.turns}
    lost = tuple(step for step in history.steps if step.turn not in told)
    end = Finish(status=Status.FAILED, error=_INTERRUPTED)
    return _close_steps(history, lost, end, at=at, number=number)


def _give_up_running(history: History, *, at: float) -> RunChange:
    given_up = [give_up(execution, at=at) for execution in history.running().values()]
    return RunChange(
        run=history.run,
        items=tuple(output for _, output in given_up),
        executions=tuple(execution for execution, _ in given_up),
    )


def _close_steps(
    history: History, steps: tuple[Step, ...], end: Finish, *, at: float, number: int
) -> tuple[RunChange, list[Event]]:
    closed: list[Step] = []
    changed: list[Item] = []
    events: list[Event] = []
    for step in steps:
        if step.status == "in_progress":
            ended = _ended(step, history, end, at=at, event=number + len(events))
            message = _broken_off(history.message_of(step), end, at=at)
            closed.append(ended)
            if message is not None:
                changed.append(message)
            calls, outputs = history.calls_of(step), history.outputs_of(step)
            events.append(StepEnded(number + len(events), ended, message, calls, outputs))
    return RunChange(run=history.run, steps=tuple(closed), items=tuple(changed)), events


def _ended(step: Step, history: History, end: Finish, *, at: float, event: int) -> Step:
    status = _STEP_STATUS[end.status]
    usage = history.usage_of(step)  # a run's usage is the sum of its steps'
    error = (end.error or _CUT_AMID_CALL) if status == "failed" else None
    return structs.replace(step, status=status, ended_at=at, error=error, usage=usage, last_event=event)


def _broken_off(message: Message | None, end: Finish, *, at: float) -> Message | None:
    if message is None or message.status != "in_progress":
        return message
    content = message.content or (Text(""),)
    reason = _MESSAGE_REASON[end.status]
    return structs.replace(message, status="incomplete", reason=reason, ended_at=at, content=content)
