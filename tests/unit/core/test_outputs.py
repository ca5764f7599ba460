import histories as h
import pytest
from msgspec import structs

from retinue.core.errors import InvalidRequest
from retinue.core.events import RunChanged, StepEnded
from retinue.core.history import RunChange
from retinue.core.item import ToolOutput
from retinue.core.outputs import Kept, accept_outputs, answer, give_up
from retinue.core.run import EVENTS_PER_FENCE, Status


def test_outputs_are_stored_in_the_order_of_the_calls() -> None:
    change, _ = accept_outputs(h.waiting("a", "b"), {"call_b": Kept("2"), "call_a": Kept("1")}, at=h.NOW + 9)
    assert [(item.call_id, item.output) for item in change.items if isinstance(item, ToolOutput)] == [
        ("call_a", "1"),
        ("call_b", "2"),
    ]


def test_a_run_with_its_outputs_is_queued_under_a_new_fence() -> None:
    history = h.waiting("a")
    change, _ = accept_outputs(history, {"call_a": Kept("1")}, at=h.NOW + 9)
    assert (change.run.status, change.run.fence, change.run.pending) == (Status.QUEUED, history.run.fence + 1, ())


def test_the_step_ends_with_the_turns_usage_before_the_run_is_queued() -> None:
    change, events = accept_outputs(h.waiting("a"), {"call_a": Kept("1")}, at=h.NOW + 9)
    ended, queued = events
    assert isinstance(ended, StepEnded)
    assert isinstance(queued, RunChanged)
    assert (ended.number, queued.number) == (2 * EVENTS_PER_FENCE + 1, 2 * EVENTS_PER_FENCE + 2)
    assert ended.step == change.steps[0]
    assert (ended.step.status, ended.step.ended_at, ended.step.usage) == ("completed", h.NOW + 9, h.turn().usage)
    assert [output.output for output in ended.outputs] == ["1"]


@pytest.mark.parametrize(
    ("got", "said"),
    [
        ({"call_a": ""}, "['call_a']"),
        ({}, "[]"),
        ({"call_a": "", "call_b": "", "call_c": ""}, "['call_a', 'call_b', 'call_c']"),
        ({"call_x": "", "call_b": ""}, "['call_x', 'call_b']"),
    ],
)
def test_outputs_for_other_calls_are_refused_in_the_contracts_words(got: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        accept_outputs(h.waiting("a", "b"), {id_: Kept(text) for id_, text in got.items()}, at=h.NOW)
    assert refused.value.message == f"Expected tool outputs for call_ids ['call_a', 'call_b'], got {said}"
    assert refused.value.param == "tool_outputs"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.REQUIRES_ACTION])
def test_a_run_in_another_status_takes_no_outputs(status: Status) -> None:
    history = h.waiting("a")
    history = structs.replace(history, run=structs.replace(history.run, status=status))
    with pytest.raises(InvalidRequest) as refused:
        accept_outputs(history, {"call_a": Kept("1")}, at=h.NOW)
    assert refused.value.message == f'Runs in status "{status}" do not accept tool outputs.'


def test_outputs_of_the_server_are_told_with_the_clients_in_the_order_of_the_calls() -> None:
    history = h.waiting("a", "b", "c")
    a, b, c = history.calls_of(history.steps[0])
    run = structs.replace(history.run, pending=(a, c))
    history = structs.replace(history, run=run, items=(a, b, c, h.output(b, "2")))
    change, (ended, _) = accept_outputs(history, {"call_c": Kept("3"), "call_a": Kept("1")}, at=h.NOW)
    assert isinstance(ended, StepEnded)
    assert ended.calls == (a, b, c)
    assert [output.output for output in ended.outputs] == ["1", "2", "3"]
    assert [item.output for item in change.items if isinstance(item, ToolOutput)] == ["1", "3"]


def test_the_client_is_expected_to_answer_its_own_calls_alone() -> None:
    history = h.waiting("a", "b")
    history = structs.replace(history, run=structs.replace(history.run, pending=history.run.pending[:1]))
    with pytest.raises(InvalidRequest, match=r"^Expected tool outputs for call_ids \['call_a'\], got \['call_b'\]$"):
        accept_outputs(history, {"call_b": Kept("2")}, at=h.NOW)


def test_the_last_answer_completes_its_step_and_no_earlier_one() -> None:
    history = h.waiting("a", "b")
    a, b = history.calls_of(history.steps[0])
    first = RunChange(run=history.run, items=(h.output(b),))
    assert answer(history, first, at=h.NOW + 9, number=7) == (first, [])
    last = RunChange(run=history.run, items=(h.output(a),))
    change, (ended,) = answer(history.after(first), last, at=h.NOW + 9, number=7)
    assert isinstance(ended, StepEnded)
    assert (ended.number, change.steps, change.items) == (7, (ended.step,), last.items)
    assert (ended.step.status, ended.step.ended_at, ended.step.usage) == ("completed", h.NOW + 9, h.turn().usage)
    assert ended.outputs == (h.output(a), h.output(b))


def test_what_is_given_up_is_told_as_neither_done_nor_undone() -> None:
    begun = h.execution(h.call("a"))
    execution, output = give_up(begun, at=h.NOW + 9)
    assert (execution.outcome, execution.ended_at, execution.error) == ("unknown", h.NOW + 9, output.output)
    assert (output.step_id, output.call_id) == execution.id
    assert "outcome unknown" in output.output
    assert "'get_a'" in output.output
