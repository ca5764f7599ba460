"""What a thread has cost is what its runs have cost, whatever came between."""

import pytest

from engine.scripted import Gate, calls, says
from engine.world import World, replayed, stream
from retinue.core.usage import Usage
from retinue.models import Finished


async def a_tenth(_finished: Finished, usage: Usage) -> float | None:
    return usage.prompt / 10 + usage.completion


@pytest.fixture
def priced(world: World) -> World:
    world.price = a_tenth
    world.new_engine()
    return world


async def check(world: World, costs: list[float | None], turns: int) -> None:
    spending = await world.scope.spending.of_thread(world.thread.id)
    assert spending is not None
    assert None not in costs
    assert spending.cost_usd == pytest.approx(sum(filter(None, costs)))
    assert spending.turns == turns


async def test_a_threads_cost_is_the_sum_of_its_runs(priced: World) -> None:
    priced.script(calls(("a", "{}")), says("One."), says("Two."), says("Three."))
    history = await priced.finished()
    await priced.submit(history.run, a="1")
    await priced.listen(history.run)
    first = (await priced.history(history.run)).run
    others = [(await priced.finished()).run for _ in range(2)]
    await check(priced, [run.cost_usd for run in (first, *others)], turns=4)


async def test_a_turn_before_a_crash_is_counted_once(priced: World) -> None:
    gate = Gate()
    priced.script(calls(("a", "{}")), says("Half a", gate), says("Whole."))
    history = await priced.finished()
    await priced.submit(history.run, a="1")
    await gate.reached.wait()
    await priced.tap.flush()
    await priced.new_engine().start()
    await priced.listen(history.run)
    run = (await priced.history(history.run)).run
    await check(priced, [run.cost_usd], turns=2)


async def test_a_turn_that_waits_for_room_on_the_disk_is_counted_once(
    priced: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retinue.engine.journal._RETRY_S", (0.0,))
    gate = Gate()
    priced.script(says("All", gate))
    run = await priced.start()
    await gate.reached.wait()
    await priced.tap.flush()
    priced.tap.full = 3
    gate.go.set()
    await priced.listen(run)
    await check(priced, [(await priced.history(run)).run.cost_usd], turns=1)


async def test_what_was_said_before_a_cancel_is_not_free(priced: World) -> None:
    gate = Gate()
    priced.script(says("Hello, world!", gate))
    run = await priced.start()
    await gate.reached.wait()
    await priced.cancel(run)
    events = await priced.listen(run)
    history = await priced.history(run)
    [turn] = history.turns
    assert (turn.finish, turn.usage.estimated, turn.cost_usd) == ("broken_off", True, None)
    assert history.run.usage == turn.usage
    assert turn.usage.prompt > 0
    assert turn.usage.completion > 0
    assert history.run.cost_usd is None, "nobody knows"
    spending = await priced.scope.spending.of_thread(priced.thread.id)
    assert spending is not None
    assert (spending.turns, spending.unpriced, spending.usage) == (1, 1, turn.usage)
    assert stream(events) == replayed(history)
