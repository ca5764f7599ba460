import histories as h
import pytest
from msgspec import structs

from retinue.core.errors import InvalidRequest
from retinue.core.events import RunChanged, StepEnded
from retinue.core.item import ToolOutput
from retinue.core.outputs import accept_outputs
from retinue.core.run import EVENTS_PER_FENCE, Status


def test_outputs_are_stored_in_the_order_of_the_calls() -> None:
    change, _ = accept_outputs(h.waiting("a", "b"), {"call_b": "2", "call_a": "1"}, at=h.NOW + 9)
    assert [(item.call_id, item.output) for item in change.items if isinstance(item, ToolOutput)] == [
        ("call_a", "1"),
        ("call_b", "2"),
    ]


def test_a_run_with_its_outputs_is_queued_under_a_new_fence() -> None:
    history = h.waiting("a")
    change, _ = accept_outputs(history, {"call_a": "1"}, at=h.NOW + 9)
    assert (change.run.status, change.run.fence, change.run.pending) == (Status.QUEUED, history.run.fence + 1, ())


def test_the_step_ends_with_the_turns_usage_before_the_run_is_queued() -> None:
    change, events = accept_outputs(h.waiting("a"), {"call_a": "1"}, at=h.NOW + 9)
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
        accept_outputs(h.waiting("a", "b"), got, at=h.NOW)
    assert refused.value.message == f"Expected tool outputs for call_ids ['call_a', 'call_b'], got {said}"
    assert refused.value.param == "tool_outputs"


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.REQUIRES_ACTION])
def test_a_run_in_another_status_takes_no_outputs(status: Status) -> None:
    history = h.waiting("a")
    history = structs.replace(history, run=structs.replace(history.run, status=status))
    with pytest.raises(InvalidRequest) as refused:
        accept_outputs(history, {"call_a": "1"}, at=h.NOW)
    assert refused.value.message == f'Runs in status "{status}" do not accept tool outputs.'
