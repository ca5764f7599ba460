import itertools

import pytest

from retinue.core.item import ToolCall
from retinue.core.run import EVENTS_PER_FENCE, LEGAL, LIVE, Run, RunSpec, Status

NOW = 1_700_000_000.0

# By the contract's section "Run states", and not by the table in the code.
CONTRACT = {
    "queued": "in_progress cancelling expired failed",
    "in_progress": "completed requires_action failed incomplete cancelling expired",
    "requires_action": "queued cancelling expired",
    "cancelling": "cancelled completed",
    "cancelled": "",
    "failed": "",
    "completed": "",
    "incomplete": "",
    "expired": "",
}
MOVES = {(Status(old), Status(new)) for old, all_new in CONTRACT.items() for new in all_new.split()}
WAYS: dict[Status, tuple[Status, ...]] = {
    Status.QUEUED: (),
    Status.IN_PROGRESS: (Status.IN_PROGRESS,),
    Status.REQUIRES_ACTION: (Status.IN_PROGRESS, Status.REQUIRES_ACTION),
    Status.CANCELLING: (Status.CANCELLING,),
    Status.CANCELLED: (Status.CANCELLING, Status.CANCELLED),
    Status.FAILED: (Status.IN_PROGRESS, Status.FAILED),
    Status.COMPLETED: (Status.IN_PROGRESS, Status.COMPLETED),
    Status.INCOMPLETE: (Status.IN_PROGRESS, Status.INCOMPLETE),
    Status.EXPIRED: (Status.IN_PROGRESS, Status.EXPIRED),
}


def run_in(status: Status) -> Run:
    """A run that came to this status by legal moves, a second apart."""
    spec = RunSpec(assistant_id="asst_1", model="m")
    run = Run(id="run_1", thread_id="thread_1", branch="b", created_at=NOW, expires_at=NOW + 600, spec=spec)
    run = run.moved(Status.QUEUED, at=NOW, event=1)
    for number, step in enumerate(WAYS[status], start=2):
        run = run.moved(step, at=NOW + number, event=number)
    return run


@pytest.mark.parametrize(("old", "new"), sorted(MOVES))
def test_a_legal_move_is_made(old: Status, new: Status) -> None:
    moved = run_in(old).moved(new, at=NOW + 50, event=50)
    assert moved.status is new
    assert (moved.transitions[-1].status, moved.transitions[-1].at, moved.transitions[-1].event) == (new, NOW + 50, 50)


@pytest.mark.parametrize(("old", "new"), sorted(set(itertools.product(Status, Status)) - MOVES))
def test_an_illegal_move_is_refused(old: Status, new: Status) -> None:
    with pytest.raises(ValueError, match=f"A run can't go from {old} to {new}."):
        run_in(old).moved(new, at=NOW + 50, event=50)


def test_the_table_of_moves_is_the_contracts() -> None:
    assert {(old, new) for old, all_new in LEGAL.items() for new in all_new} == MOVES


@pytest.mark.parametrize("status", Status)
def test_a_status_is_final_when_no_move_leads_out(status: Status) -> None:
    assert status.final is (not CONTRACT[status])
    assert (status in LIVE) is not status.final


@pytest.mark.parametrize("status", Status)
def test_a_run_has_an_end_once_it_is_final(status: Status) -> None:
    run = run_in(status)
    assert run.ended_at == (run.transitions[-1].at if status.final else None)


def test_the_start_moves_forward_when_a_run_goes_on() -> None:
    run = run_in(Status.REQUIRES_ACTION).moved(Status.QUEUED, at=NOW + 60, event=60)
    assert run.started_at == NOW + 2
    assert run.moved(Status.IN_PROGRESS, at=NOW + 70, event=70).started_at == NOW + 70


def test_pending_calls_are_forgotten_when_a_run_goes_on() -> None:
    call = ToolCall(id="i", run_id="run_1", step_id="s", created_at=NOW, call_id="c", name="f", arguments="{}")
    run = Run(
        id="run_1", thread_id="t", branch="b", created_at=NOW, expires_at=NOW, spec=run_in(Status.QUEUED).spec,
        pending=(call,), transitions=run_in(Status.REQUIRES_ACTION).transitions, status=Status.REQUIRES_ACTION,
    )  # fmt: skip
    assert run.moved(Status.QUEUED, at=NOW, event=9).pending == ()


def test_the_numbers_of_a_fence_begin_above_all_of_the_one_before() -> None:
    run = run_in(Status.QUEUED)
    assert run.first_number == EVENTS_PER_FENCE + 1


def test_a_wish_to_cancel_that_is_not_told_yet_does_not_count_as_a_move() -> None:
    run = run_in(Status.IN_PROGRESS)
    wished = Run(**{field: getattr(run, field) for field in run.__struct_fields__} | {"status": Status.CANCELLING})
    assert wished.moved(Status.CANCELLING, at=NOW + 9, event=9).transitions[-1].status is Status.CANCELLING
