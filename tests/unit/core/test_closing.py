import histories as h
import pytest
from msgspec import structs

from retinue.core.closing import abandon, finish
from retinue.core.events import RunChanged, StepEnded
from retinue.core.history import History
from retinue.core.item import Message, Text
from retinue.core.next_action import Finish
from retinue.core.run import Status
from retinue.core.step import RunError, StepStatus
from retinue.core.usage import Usage

DOWN = RunError(code="server_error", message="It is down.")
ENDS: list[tuple[Finish, StepStatus, str]] = [
    (Finish(status=Status.CANCELLED), "cancelled", "run_cancelled"),
    (Finish(status=Status.EXPIRED), "expired", "run_expired"),
    (Finish(status=Status.FAILED, error=DOWN), "failed", "run_failed"),
    (Finish(status=Status.INCOMPLETE, incomplete="max_completion_tokens"), "failed", "max_tokens"),
]


def speaking(text: str = "Half") -> History:
    """A run amid its first message."""
    step = structs.replace(h.step("step_1", kind="message_creation"), message_id="msg_1")
    return History(run=h.run(Status.IN_PROGRESS), steps=(step,), items=(h.message("msg_1", text),))


@pytest.mark.parametrize(("end", "step", "reason"), ENDS, ids=lambda value: str(value))
def test_the_end_of_a_run_closes_its_open_message(end: Finish, step: str, reason: str) -> None:
    change, _ = finish(speaking(), end, at=h.NOW + 9, number=7)
    assert [(s.status, s.ended_at) for s in change.steps] == [(step, h.NOW + 9)]
    (message,) = change.items
    assert isinstance(message, Message)
    assert (message.status, message.reason, message.text) == ("incomplete", reason, "Half")


@pytest.mark.parametrize(("end", "step", "reason"), ENDS, ids=lambda value: str(value))
def test_the_end_of_a_run_closes_its_open_calls(end: Finish, step: str, reason: str) -> None:
    history = structs.replace(h.waiting("a"), run=h.run(Status.IN_PROGRESS))
    change, events = finish(history, end, at=h.NOW + 9, number=7)
    assert [s.status for s in change.steps] == [step]
    assert [event.calls for event in events if isinstance(event, StepEnded)] == [history.items]


def test_steps_that_ended_stay_as_they_are() -> None:
    history = speaking()
    done = structs.replace(history.steps[0], status="completed")
    change, events = finish(
        structs.replace(history, steps=(done,)), Finish(status=Status.FAILED, error=DOWN), at=h.NOW, number=7
    )
    assert change.steps == ()
    assert [event.number for event in events] == [7]


def test_a_failed_step_bears_the_runs_error() -> None:
    change, _ = finish(speaking(), Finish(status=Status.FAILED, error=DOWN), at=h.NOW, number=7)
    assert [step.error for step in change.steps] == [DOWN]


def test_a_message_without_text_is_closed_with_an_empty_part() -> None:
    change, _ = finish(speaking(""), Finish(status=Status.CANCELLED), at=h.NOW, number=7)
    assert [message.content for message in change.items if isinstance(message, Message)] == [(Text(""),)]


def test_events_of_an_end_are_numbered_on_in_the_order_of_the_contract() -> None:
    change, events = finish(speaking(), Finish(status=Status.CANCELLED), at=h.NOW, number=7)
    assert [event.number for event in events] == [7, 8, 9]
    assert [type(event) for event in events] == [RunChanged, StepEnded, RunChanged]
    assert [event.run.status for event in events if isinstance(event, RunChanged)] == ["cancelling", "cancelled"]
    assert [t.event for t in change.run.transitions[-2:]] == [7, 9]


def test_cancelling_is_not_told_twice() -> None:
    history = History(run=h.run(Status.IN_PROGRESS, Status.CANCELLING))
    _, events = finish(history, Finish(status=Status.CANCELLED), at=h.NOW, number=7)
    assert [event.run.status for event in events if isinstance(event, RunChanged)] == ["cancelled"]


def test_the_usage_of_a_run_that_ended_is_the_sum_of_its_turns() -> None:
    turns = (h.turn(0, usage=Usage(prompt=1, cached=1), cost=0.25), h.turn(1, usage=Usage(prompt=2), cost=0.5))
    history = History(run=h.run(Status.IN_PROGRESS), turns=turns)
    change, _ = finish(history, Finish(status=Status.COMPLETED), at=h.NOW, number=7)
    assert (change.run.usage, change.run.cost_usd) == (Usage(prompt=3, cached=1), 0.75)


def test_the_cost_of_a_run_is_unknown_if_that_of_a_turn_is() -> None:
    history = History(run=h.run(Status.IN_PROGRESS), turns=(h.turn(0), h.turn(1, cost=None)))
    assert history.cost_usd is None


def test_the_cost_of_a_run_without_turns_is_a_decimal_like_any_other() -> None:
    """Stored and read back it is one, and a stream and its replay show the same bytes."""
    assert repr(History(run=h.run()).cost_usd) == "0.0"


def test_an_abandoned_call_is_closed_as_failed_and_the_run_stays() -> None:
    change, events = abandon(speaking(), at=h.NOW + 9, number=7)
    assert change.run.status is Status.IN_PROGRESS
    assert [step.status for step in change.steps] == ["failed"]
    assert [type(event) for event in events] == [StepEnded]


def test_steps_of_turns_that_are_stored_are_not_abandoned() -> None:
    change, events = abandon(h.waiting("a"), at=h.NOW, number=7)
    assert (change.steps, change.items, events) == ((), (), [])


@pytest.mark.parametrize("end", [end for end, *_ in ENDS], ids=lambda end: end.status)
def test_the_end_of_a_run_gives_up_what_is_running_and_keeps_what_has_ended(end: Finish) -> None:
    waiting = structs.replace(h.waiting("a", "b"), run=h.run(Status.IN_PROGRESS))
    a, b = waiting.calls_of(waiting.steps[0])
    done = structs.replace(h.execution(b), outcome="done", ended_at=h.NOW)
    history = structs.replace(waiting, items=(a, b, h.output(b)), executions=(h.execution(a), done))
    change, events = finish(history, end, at=h.NOW + 9, number=7)
    (given_up,) = change.executions
    assert (given_up.call_id, given_up.outcome, given_up.ended_at) == ("call_a", "unknown", h.NOW + 9)
    assert change.run.status is end.status
    (ended,) = (event for event in events if isinstance(event, StepEnded))
    assert ended.outputs == (*change.items, h.output(b))
