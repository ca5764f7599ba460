"""What a thread has cost is the sum of its turns, stored with each and gone with the thread."""

import asyncio

import pytest
from msgspec import structs

from retinue.core.errors import AlreadyExists, Fenced
from retinue.core.history import RunChange
from retinue.core.run import Run
from retinue.core.spending import Spending
from retinue.core.turn import Turn
from retinue.core.usage import Usage
from retinue.store import Scope, Store
from store import rows

SPENT = Usage(prompt=10, completion=5, cached=3, reasoning=2)


def turn(index: int = 0, *, cost_usd: float | None = 0.25, usage: Usage = SPENT) -> Turn:
    return structs.replace(rows.turn(index), cost_usd=cost_usd, usage=usage)


async def begun(scope: Scope, thread: str = "thread_1") -> Run:
    await scope.threads.insert(rows.thread(thread))
    run = rows.run(f"run_of_{thread}", of=thread)
    await scope.runs.create(run)
    return run


async def take(scope: Scope, run: Run, *turns: Turn) -> None:
    for each in turns:
        await scope.runs.commit(RunChange(run=run, turn=structs.replace(each, run_id=run.id)))


async def spent(scope: Scope, thread: str = "thread_1") -> Spending:
    spending = await scope.spending.of_thread(thread)
    assert spending is not None
    return spending


async def test_a_thread_in_which_no_model_answered_has_spent_nothing(scope: Scope) -> None:
    run = await begun(scope)
    await scope.runs.commit(RunChange(run=run, steps=(rows.step(),)))
    assert await scope.spending.of_thread("thread_1") is None
    assert await scope.spending.of_thread("thread_0") is None


async def test_turns_add_up(scope: Scope) -> None:
    await take(scope, await begun(scope), *(turn(index) for index in range(3)))
    assert await scope.spending.of_thread("thread_1") == Spending(
        turns=3, usage=Usage(prompt=30, completion=15, cached=9, reasoning=6), cost_usd=0.75
    )


async def test_turns_without_a_known_price_are_counted_apart(scope: Scope) -> None:
    run = await begun(scope)
    await take(scope, run, turn(0, cost_usd=None))
    spending = await spent(scope)
    assert (spending.cost_usd, spending.unpriced) == (None, 1)
    await take(scope, run, turn(1))
    spending = await spent(scope)
    assert (spending.cost_usd, spending.unpriced, spending.turns) == (0.25, 1, 2)


async def test_one_estimate_makes_the_sum_an_estimate(scope: Scope) -> None:
    run = await begun(scope)
    await take(scope, run, turn(0), turn(1, usage=Usage(prompt=1, estimated=True)), turn(2))
    spending = await spent(scope)
    assert spending.usage.estimated


async def test_a_turn_that_is_not_stored_costs_nothing(scope: Scope) -> None:
    run = await begun(scope)
    await take(scope, run, turn())
    with pytest.raises(AlreadyExists):
        await take(scope, run, turn())
    await scope.runs.take_over(run.id)
    with pytest.raises(Fenced):
        await take(scope, run, turn(1))
    spending = await spent(scope)
    assert spending.turns == len((await scope.runs.history(run.id)).turns) == 1


async def test_turns_that_are_committed_together_all_count(scope: Scope) -> None:
    runs = [await begun(scope, f"thread_{number}") for number in range(3)]
    await asyncio.gather(*(take(scope, run, turn(index)) for index in range(20) for run in runs))
    for run in runs:
        spending = await spent(scope, run.thread_id)
        assert (spending.turns, spending.cost_usd) == (20, 5.0)


async def test_no_project_sees_anothers_and_none_is_kept_of_a_deleted_thread(store: Store) -> None:
    one, two = store.scoped("one"), store.scoped("two")
    for scope in (one, two):
        await take(scope, await begun(scope), turn())
    await take(one, rows.run("run_of_thread_1"), turn(1))
    assert [(await spent(scope)).turns for scope in (one, two)] == [2, 1]
    await one.threads.delete("thread_1")
    assert await one.spending.of_thread("thread_1") is None
    assert await two.spending.of_thread("thread_1") is not None
