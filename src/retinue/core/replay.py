"""The events of a run, told again from what is stored of it: the same numbers, the same deltas, the same order."""

from collections.abc import Iterator

from msgspec import structs

from retinue.core.citations import Mark, interleaved
from retinue.core.code import code_of
from retinue.core.events import (
    CallDelta,
    CallEnded,
    CallStarted,
    Cited,
    Event,
    ImageShown,
    RunChanged,
    StepEnded,
    StepStarted,
    TextDeltas,
    events_after,
)
from retinue.core.history import History
from retinue.core.item import ImageFile, Message, Part, Text, ToolCall
from retinue.core.run import Run, Status
from retinue.core.step import Step


def replay(history: History, *, after: int = 0) -> list[Event]:
    """Return the events with a number greater than `after`, in order.

    A run that is live is told as far as it is stored; what a driver has sent since is on the bus.
    """
    events = [
        *_run_events(history),
        *(event for step in history.steps for event in _step_events(step, history)),
    ]
    return sorted(events_after(events, after), key=lambda event: event.number)


def _run_events(history: History) -> Iterator[RunChanged]:
    run = history.run
    for count, transition in enumerate(run.transitions, start=1):
        if count == len(run.transitions) and run.status is transition.status:
            yield RunChanged(transition.event, run)
        else:
            yield RunChanged(transition.event, _as_of(history, count))


def _as_of(history: History, count: int) -> Run:
    """The run as it stood after its first `count` transitions."""
    run = history.run
    seen = run.transitions[:count]
    now = seen[-1]
    starts = [t.at for t in seen if t.status is Status.IN_PROGRESS]
    asked = [
        step
        for step in history.steps
        if step.kind == "tool_calls"
        and step.first_event < now.event
        and (step.last_event is None or now.event < step.last_event)
    ]
    waits = asked and now.status is Status.REQUIRES_ACTION
    pending = [call for call in history.calls_of(asked[-1]) if not run.spec.serves(call)] if waits else []
    return structs.replace(
        run,
        status=now.status,
        transitions=seen,
        started_at=starts[-1] if starts else None,
        ended_at=None,
        error=None,
        incomplete=None,
        usage=None,
        cost_usd=None,
        pending=tuple(pending),
    )


def _step_events(step: Step, history: History) -> Iterator[Event]:
    opened = structs.replace(
        step, status="in_progress", ended_at=None, error=None, usage=None, cuts=(), last_event=None
    )
    message = history.message_of(step)
    if step.kind == "message_creation":
        yield StepStarted(step.first_event, opened, message and _opened(message))
        deltas = _message_deltas(step, message)
    else:
        yield StepStarted(step.first_event, opened)
        deltas = _call_deltas(step, history)
    yield from deltas
    if step.last_event is not None:
        yield StepEnded(step.last_event, step, message, history.calls_of(step), history.outputs_of(step))


def _opened(message: Message) -> Message:
    return structs.replace(message, status="in_progress", content=(), reason=None, rejected=False, ended_at=None)


def _message_deltas(step: Step, message: Message | None) -> Iterator[Event]:
    number, parts = step.first_event, message.content if message else ()
    for index, (part, cuts) in enumerate(zip(parts, step.cuts, strict=False)):
        for event in _part_deltas(part, cuts, step.message_id or "", index, number):
            yield event
            number = event.number


def _part_deltas(part: Part, cuts: tuple[int, ...], message_id: str, place: int, number: int) -> Iterator[Event]:
    """Yield what told a part, numbered from after `number`."""
    if isinstance(part, ImageFile):
        yield ImageShown(number + 1, message_id, place, part.file_id)
        return
    text = part if isinstance(part, Text) else Text("")
    opening, index = True, 0
    for said in interleaved(text, _pieces(text.value, cuts)):
        if isinstance(said, Mark):
            number += 1
            yield Cited(number, message_id, index, said, opening, place)
            index += 1
        else:
            number += len(said)
            yield TextDeltas(number, message_id, tuple(said), opening, place)
        opening = False


def _call_deltas(step: Step, history: History) -> Iterator[Event]:
    number = step.first_event
    for index, (call, cuts) in enumerate(zip(history.calls_of(step), step.cuts, strict=False)):
        number += 1
        yield CallStarted(number, step.id, index, call.call_id, call.name, call.kind)
        for piece in _pieces(_told_of(call), cuts):
            number += 1
            yield CallDelta(number, step.id, index, piece, call.kind)
    places = {call.call_id: index for index, call in enumerate(history.calls_of(step))}
    for output in history.outputs_of(step):
        if output.event is not None:
            yield CallEnded(output.event, step.id, places[output.call_id], output)


def _told_of(call: ToolCall) -> str:
    return code_of(call.arguments) if call.kind == "code_interpreter" else call.arguments


def _pieces(text: str, lengths: tuple[int, ...]) -> Iterator[str]:
    start = 0
    for length in lengths:
        yield text[start : start + length]
        start += length
