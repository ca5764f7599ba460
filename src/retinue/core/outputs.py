"""Tool outputs from the client: what a run that waits for them becomes."""

from collections.abc import Mapping

from msgspec import structs

from retinue.core.errors import InvalidRequest
from retinue.core.events import Event, RunChanged, StepEnded
from retinue.core.history import History, RunChange
from retinue.core.ids import new_id
from retinue.core.item import ToolOutput
from retinue.core.run import Run, Status


def accept_outputs(history: History, outputs: Mapping[str, str], *, at: float) -> tuple[RunChange, list[Event]]:
    """Return what to store and to tell when the client answers its calls, by `call_id`.

    The run is queued again, under a new fence. Raises InvalidRequest unless it waits for just these outputs.
    """
    _check(history.run, outputs)
    run = structs.replace(history.run, fence=history.run.fence + 1, lost_drivers=0)
    number = run.first_number
    waiting = next(step for step in reversed(history.steps) if step.kind == "tool_calls")
    calls = history.calls_of(waiting)
    items = tuple(
        ToolOutput(
            id=new_id("item"),
            run_id=run.id,
            step_id=waiting.id,
            created_at=at,
            call_id=call.call_id,
            output=outputs[call.call_id],
        )
        for call in calls
    )
    step = structs.replace(waiting, status="completed", ended_at=at, usage=history.usage_of(waiting), last_event=number)
    run = run.moved(Status.QUEUED, at=at, event=number + 1)
    events: list[Event] = [StepEnded(number, step, None, calls, items), RunChanged(number + 1, run)]
    return RunChange(run=run, steps=(step,), items=items), events


def _check(run: Run, outputs: Mapping[str, str]) -> None:
    if run.status is not Status.REQUIRES_ACTION:
        raise InvalidRequest(f'Runs in status "{run.status}" do not accept tool outputs.')
    expected, got = [call.call_id for call in run.pending], list(outputs)
    if sorted(expected) != sorted(got):
        raise InvalidRequest(f"Expected tool outputs for call_ids {expected}, got {got}", param="tool_outputs")
