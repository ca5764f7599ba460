import histories as h
import pytest
from msgspec import structs

from retinue.core.events import CallDelta, CallStarted, RunChanged, StepEnded, StepStarted, TextDeltas
from retinue.core.history import History
from retinue.core.replay import replay
from retinue.core.run import EVENTS_PER_FENCE, Status

E = EVENTS_PER_FENCE


def answered(text: str = "Hello", cuts: tuple[int, ...] = (2, 3)) -> History:
    """A plain run that is over: created 1, in progress 2, the message from 3 on."""
    last = 3 + len(cuts) + 1
    run = h.run(Status.IN_PROGRESS).moved(Status.COMPLETED, at=h.NOW + 9, event=E + last + 1)
    step = structs.replace(
        h.step("step_1", kind="message_creation"),
        message_id="msg_1",
        status="completed",
        cuts=(cuts,),
        last_event=E + last,
    )
    return History(
        run=run, turns=(h.turn(0, "stop"),), steps=(step,), items=(h.message("msg_1", text, status="completed"),)
    )


def test_a_plain_run_is_told_again_in_order() -> None:
    events = replay(answered())
    assert [event.number - E for event in events] == [1, 2, 3, 5, 6, 7]
    kinds = [RunChanged, RunChanged, StepStarted, TextDeltas, StepEnded, RunChanged]
    assert [type(event) for event in events] == kinds


def test_text_is_cut_where_it_was_cut() -> None:
    deltas = [event for event in replay(answered()) if isinstance(event, TextDeltas)]
    assert [(delta.texts, delta.opening) for delta in deltas] == [(("He", "llo"), True)]


def test_cuts_count_code_points() -> None:
    deltas = [e.texts for e in replay(answered("\U0001f600é\U0001f600", (1, 2))) if isinstance(e, TextDeltas)]
    assert deltas == [("\U0001f600", "é\U0001f600")]


def test_a_message_is_announced_empty() -> None:
    started = next(event for event in replay(answered()) if isinstance(event, StepStarted))
    assert started.message is not None
    assert (started.message.content, started.message.status) == ((), "in_progress")
    assert (started.step.status, started.step.usage) == ("in_progress", None)


def test_earlier_statuses_are_told_without_what_came_later() -> None:
    first = replay(answered())[0]
    assert isinstance(first, RunChanged)
    assert (first.run.status, first.run.usage, first.run.ended_at) == (Status.QUEUED, None, None)
    assert first.run.started_at is None


@pytest.mark.parametrize("after", range(9))
def test_a_replay_begins_after_the_number_it_is_given(after: int) -> None:
    numbers = [event.number - E for event in replay(answered(), after=E + after)]
    assert numbers == [number for number in (1, 2, 3, 5, 6, 7) if number > after]


def test_a_replay_after_the_first_of_its_deltas_tells_the_others() -> None:
    told = replay(answered(), after=E + 4)[0]
    assert told == TextDeltas(E + 5, "msg_1", ("llo",), opening=False)


def test_calls_are_told_one_after_the_other() -> None:
    calls = (h.call("a", arguments='{"x": 1}'), h.call("b"))
    step = structs.replace(h.step("step_1"), cuts=((3, 5), (2,)))
    run = structs.replace(h.run(Status.IN_PROGRESS), pending=calls)
    run = run.moved(Status.REQUIRES_ACTION, at=h.NOW, event=E + 9)
    told = replay(History(run=structs.replace(run, pending=calls), turns=(h.turn(),), steps=(step,), items=calls))
    deltas = [
        (e.index, e.call_id if isinstance(e, CallStarted) else e.arguments)
        for e in told
        if isinstance(e, CallStarted | CallDelta)
    ]
    assert deltas == [(0, "call_a"), (0, '{"x'), (0, '": 1}'), (1, "call_b"), (1, "{}")]
    assert isinstance(told[-1], RunChanged)
    assert told[-1].run.pending == calls


def test_an_earlier_wait_is_told_with_the_calls_it_was_for() -> None:
    history = h.waiting("a", "b")
    calls = history.run.pending
    run = structs.replace(history.run, fence=2).moved(Status.QUEUED, at=h.NOW, event=2 * E + 2)
    step = structs.replace(history.steps[0], status="completed", last_event=2 * E + 1)
    outputs = tuple(h.output(call) for call in calls)
    told = replay(structs.replace(history, run=run, steps=(step,), items=(*calls, *outputs)))
    asked = [e.run for e in told if isinstance(e, RunChanged) and e.run.status is Status.REQUIRES_ACTION]
    assert [run.pending for run in asked] == [calls]


def test_a_wish_to_cancel_that_nobody_told_yet_is_not_told_under_another_events_number() -> None:
    history = h.waiting("a")
    history = structs.replace(history, run=structs.replace(history.run, status=Status.CANCELLING))
    told = [event.run.status for event in replay(history) if isinstance(event, RunChanged)]
    assert told == [Status.QUEUED, Status.IN_PROGRESS, Status.REQUIRES_ACTION]


def test_an_open_step_has_no_end_yet() -> None:
    assert not [event for event in replay(h.waiting("a")) if isinstance(event, StepEnded)]


def test_a_run_that_was_just_created_is_told_as_far_as_it_got() -> None:
    assert [type(event) for event in replay(History(run=h.run()))] == [RunChanged]


def test_a_wait_is_told_without_the_calls_that_the_server_ran() -> None:
    history = h.waiting("a", "b")
    a, b = history.run.pending
    spec = structs.replace(history.run.spec, served=("get_b",))
    run = structs.replace(history.run, spec=spec, pending=(a,))
    later = structs.replace(run, fence=2).moved(Status.QUEUED, at=h.NOW, event=2 * E + 2)
    step = structs.replace(history.steps[0], status="completed", last_event=2 * E + 1)
    told = replay(structs.replace(history, run=later, steps=(step,), items=(a, b, h.output(b), h.output(a))))
    asked = [e.run for e in told if isinstance(e, RunChanged) and e.run.status is Status.REQUIRES_ACTION]
    assert [run.pending for run in asked] == [(a,)]
