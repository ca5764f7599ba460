"""Drivers that stop while they run functions: what may be repeated is, and of the rest nobody claims to know."""

import asyncio

from engine.scripted import Gate, calls, says
from engine.test_served_calls import outcomes
from engine.test_served_interruptions import turns
from engine.world import World, check_numbers, names
from retinue.core.run import Run, Status
from retinue.core.tools import FunctionTool
from retinue.engine.tool_round import MAX_ATTEMPTS


async def frozen(world: World, *, repeatable: bool) -> tuple[Run, Gate]:
    """A run whose function `get_a` has had its effect, under a driver that stands still before it can store that."""
    gate = Gate()
    world.serve("a", repeatable=repeatable).will("get_a", gate)
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    return run, gate


async def test_what_may_not_be_repeated_is_told_as_unknown_and_not_run_again(world: World) -> None:
    run, _ = await frozen(world, repeatable=False)
    await world.new_engine().start()
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert len(world.tools.effects) == 1
    (execution,) = history.executions
    assert (execution.outcome, execution.attempts, execution.ended_at) == ("unknown", 1, world.clock.now)
    read = world.model.requests[-1].messages[-1]["content"]
    assert read.startswith("Interrupted, outcome unknown: 'get_a' was broken off while it ran.")
    assert execution.error == read
    assert names(events).count("thread.run.step.completed") == 2
    check_numbers(events)


async def test_what_may_be_repeated_is_run_again_with_the_same_key(world: World) -> None:
    run, _ = await frozen(world, repeatable=True)
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    first, again = world.tools.effects
    assert first == again
    (execution,) = history.executions
    assert (execution.outcome, execution.attempts, execution.fence) == ("done", 2, 2)
    assert world.model.requests[-1].messages[-1]["content"] == "get_a({}) is done"


async def test_what_was_repeatable_once_and_is_not_now_is_not_run_again(world: World) -> None:
    run, _ = await frozen(world, repeatable=True)
    world.tools.repeatable.clear()
    await world.new_engine().start()
    await world.listen(run)
    assert outcomes(await world.history(run)) == {"get_a": "unknown"}
    assert len(world.tools.effects) == 1


async def test_the_result_of_a_driver_that_was_replaced_comes_too_late(world: World) -> None:
    run, gate = await frozen(world, repeatable=False)
    await world.new_engine().start()
    await world.listen(run)
    before = await world.history(run)
    gate.go.set()
    await turns()
    await world.tap.flush()
    assert await world.history(run) == before


async def test_a_driver_that_was_replaced_begins_nothing_more(world: World) -> None:
    slow, waiting = Gate(), Gate()
    tools = world.serve("a")
    tools.will("get_a", slow)
    many = tuple(str(n) for n in range(9))
    world.serve(*many)
    for name in many[:7]:
        tools.will(f"get_{name}", waiting)
    declared = tuple(FunctionTool(name=f"get_{name}") for name in ("a", *many))
    world.script(calls(("a", "{}"), *((name, "{}") for name in many)), says("Done."))
    run = await world.start(tools=declared)
    await slow.reached.wait()
    await world.scope.runs.take_over(run.id)
    begun = len(tools.effects)
    slow.go.set()
    await asyncio.wait([task for task in asyncio.all_tasks() if task.get_name() == f"drive {run.id}"])
    assert len(tools.effects) == begun


async def test_what_has_ended_before_a_crash_is_not_run_again(world: World) -> None:
    gate = Gate()
    tools = world.serve("a", "b")
    tools.will("get_a", gate)
    world.script(calls(("a", "{}"), ("b", "{}")), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    while outcomes(await world.history(run))["get_b"] == "running":
        await world.tap.flush()
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert outcomes(history) == {"get_a": "unknown", "get_b": "done"}
    assert len(tools.effects) == 2


async def test_calls_that_had_not_begun_are_run_after_a_crash(world: World) -> None:
    world.serve("a", "b")
    gate = Gate()
    *pieces, done = calls(("a", "{}"), ("b", "{}"))
    world.script((*pieces, gate, done), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        gate.go.set()
        await turns()
        await world.engine.stop(drain_s=0)
    await world.tap.flush()
    assert (await world.history(run)).unanswered_calls()
    assert world.tools.effects == []
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert (history.run.status, outcomes(history)) == (Status.COMPLETED, {"get_a": "done", "get_b": "done"})


async def test_a_run_whose_time_passed_while_the_server_was_down_ends_with_its_calls_unknown(world: World) -> None:
    run, _ = await frozen(world, repeatable=True)
    world.clock.now = run.expires_at
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert (history.run.status, outcomes(history)) == (Status.EXPIRED, {"get_a": "unknown"})
    assert len(world.tools.effects) == 1


async def test_a_function_that_kills_its_server_again_and_again_is_given_up_and_its_run_goes_on(world: World) -> None:
    gates = [Gate() for _ in range(MAX_ATTEMPTS)]
    world.serve("a", repeatable=True).will("get_a", *gates)
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    for gate in gates:
        await asyncio.wait_for(gate.reached.wait(), 5)
        await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert (history.run.status, outcomes(history)) == (Status.COMPLETED, {"get_a": "unknown"})
    assert len(world.tools.effects) == history.executions[0].attempts == MAX_ATTEMPTS
