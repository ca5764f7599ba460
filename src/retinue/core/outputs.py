"""What calls came to: a run whose client has answered, a step whose calls are all answered."""

from collections.abc import Mapping

from msgspec import Struct, structs

from retinue.core.errors import InvalidRequest
from retinue.core.events import CallEnded, Event, RunChanged, StepEnded
from retinue.core.execution import Execution
from retinue.core.history import History, RunChange
from retinue.core.ids import new_id
from retinue.core.item import Item, ToolCall, ToolOutput
from retinue.core.run import Run, Status
from retinue.core.step import Step

_UNKNOWN = (
    "Interrupted, outcome unknown: '{name}' was broken off while it ran. It may have taken effect or not: assume "
    "neither. Find out, or ask the user, before you call it again with these arguments."
)
_BROKEN_OFF = "'{name}' was broken off before it ended. Call it again if you still need it."


class Kept(Struct, frozen=True):
    """A tool's output as its row has it."""

    text: str
    """All of it, or its two ends."""
    blob: str | None = None
    """What has the whole then."""
    size: int | None = None
    """Characters of the whole then."""


def accept_outputs(history: History, outputs: Mapping[str, Kept], *, at: float) -> tuple[RunChange, list[Event]]:
    """Return what to store and to tell when the client answers its calls, by `call_id`.

    The run is queued again, under a new fence. Raises InvalidRequest unless it waits for just these outputs.
    """
    _check(history.run, outputs)
    run = structs.replace(history.run, fence=history.run.fence + 1, lost_drivers=0)
    items = tuple(output_of(call, outputs[call.call_id], at=at) for call in run.pending)
    change, events = answer(history, RunChange(run=run, items=items), at=at, number=run.first_number)
    number = run.first_number + len(events)
    run = run.moved(Status.QUEUED, at=at, event=number)
    return structs.replace(change, run=run), [*events, RunChanged(number, run)]


def answer(history: History, answers: RunChange, *, at: float, number: int) -> tuple[RunChange, list[Event]]:
    """Return what to store and to tell when calls are answered: the last answer to a step's calls completes it."""
    answers, told = tell_outputs(history, answers, number=number)
    history = history.after(answers)
    answered = {item.step_id for item in answers.items}
    whole = answered - {call.step_id for call in history.unanswered_calls()}
    steps = [step for step in history.steps if step.id in whole]
    ended: list[Step] = []
    events: list[Event] = [*told]
    for event, step in enumerate(steps, start=number + len(told)):
        usage = history.usage_of(step)
        ended.append(structs.replace(step, status="completed", ended_at=at, usage=usage, last_event=event))
        events.append(StepEnded(event, ended[-1], None, history.calls_of(step), history.outputs_of(step)))
    return structs.replace(answers, steps=tuple(ended)), events


def tell_outputs(history: History, answers: RunChange, *, number: int) -> tuple[RunChange, list[Event]]:
    """Return the answers with the numbers of the events that tell them, and these: what code came to is told at once.

    Its step may go on, with other calls. What came of the calls of other kinds is told when their step ends.
    """
    calls = {
        (call.step_id, call.call_id): (index, call)
        for step in history.steps
        for index, call in enumerate(history.calls_of(step))
    }
    items: list[Item] = []
    events: list[Event] = []
    for item in answers.items:
        if isinstance(item, ToolOutput):
            index, call = calls[item.step_id, item.call_id]
            if call.kind == "code_interpreter":
                item = structs.replace(item, event=number + len(events))
                events.append(CallEnded(number + len(events), item.step_id, index, item))
        items.append(item)
    return structs.replace(answers, items=tuple(items)), events


def give_up(execution: Execution, *, at: float) -> tuple[Execution, ToolOutput]:
    """Return an execution that was broken off, so that nobody knows what came of it, and what its model is told."""
    text = (_UNKNOWN if execution.kind == "function" else _BROKEN_OFF).format(name=execution.name)
    given_up = structs.replace(execution, outcome="unknown", ended_at=at, error=text)
    return given_up, output_of(execution, Kept(text), at=at)


def output_of(call: ToolCall | Execution, output: Kept, *, at: float) -> ToolOutput:
    """Return the item that answers a call."""
    return ToolOutput(
        id=new_id("item"),
        run_id=call.run_id,
        step_id=call.step_id,
        created_at=at,
        call_id=call.call_id,
        output=output.text,
        blob=output.blob,
        size=output.size,
    )


def _check(run: Run, outputs: Mapping[str, Kept]) -> None:
    if run.status is not Status.REQUIRES_ACTION:
        raise InvalidRequest(f'Runs in status "{run.status}" do not accept tool outputs.')
    expected, got = [call.call_id for call in run.pending], list(outputs)
    if sorted(expected) != sorted(got):
        raise InvalidRequest(f"Expected tool outputs for call_ids {expected}, got {got}", param="tool_outputs")
