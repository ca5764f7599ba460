"""Ids, usage, histories as values."""

import re
import time

import histories as h
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from retinue.core.history import History, RunChange
from retinue.core.ids import new_id
from retinue.core.run import Status
from retinue.core.usage import Usage

usages = st.builds(
    Usage,
    prompt=st.integers(0, 999),
    completion=st.integers(0, 999),
    cached=st.integers(0, 999),
    reasoning=st.integers(0, 999),
    estimated=st.booleans(),
)


def test_an_id_is_its_prefix_and_24_characters_anyone_can_copy() -> None:
    assert re.fullmatch(r"thread_[0-9A-Za-z]{24}", new_id("thread"))


def test_ids_do_not_come_twice() -> None:
    assert len({new_id("x") for _ in range(10_000)}) == 10_000


def test_ids_use_the_whole_alphabet() -> None:
    assert len(set("".join(new_id("") for _ in range(500)))) == 63


def test_an_id_stands_behind_those_of_the_milliseconds_before() -> None:
    earlier = new_id("x")
    now = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == now:
        pass
    assert earlier < new_id("x")


def test_what_follows_the_time_in_an_id_is_random_at_every_place() -> None:
    ends = [new_id("x")[-17:] for _ in range(2_000)]
    assert min(len(set(characters)) for characters in zip(*ends, strict=True)) > 50


@given(usages, usages, usages)
def test_usage_adds_up_in_any_grouping(a: Usage, b: Usage, c: Usage) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert a + Usage() == a


@given(usages, usages)
def test_the_total_of_a_sum_is_the_sum_of_the_totals(a: Usage, b: Usage) -> None:
    assert (a + b).total == a.total + b.total


def test_a_sum_with_an_estimate_in_it_is_an_estimate() -> None:
    assert (Usage(prompt=1) + Usage(prompt=1, estimated=True)).estimated


def test_a_history_after_a_change_has_what_changed_in_its_place() -> None:
    history = h.waiting("a")
    closed = structs.replace(history.steps[0], status="completed")
    output = h.output(h.call("a"))
    after = history.after(RunChange(run=history.run, turn=h.turn(1), steps=(closed, h.step("step_2")), items=(output,)))
    assert [(step.id, step.status) for step in after.steps] == [("step_1", "completed"), ("step_2", "in_progress")]
    assert after.items == (*history.items, output)
    assert [turn.index for turn in after.turns] == [0, 1]


def test_of_two_changes_the_later_one_holds() -> None:
    early = RunChange(run=h.run(), turn=h.turn(), steps=(h.step("step_1"),))
    closed = structs.replace(h.step("step_1"), status="completed")
    both = early.then(RunChange(run=h.run(Status.IN_PROGRESS), steps=(closed,)))
    assert (both.run.status, both.turn, both.steps) == (Status.IN_PROGRESS, h.turn(), (closed,))


def test_unanswered_calls_are_those_without_an_output_in_their_own_step() -> None:
    first, second, again = h.call("a"), h.call("b"), h.call("a", step="step_2")
    history = History(run=h.run(), items=(first, second, h.output(first), again))
    assert history.unanswered_calls() == (second, again)
