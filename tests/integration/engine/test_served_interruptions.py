"""Cancelling, expiry, a stop and a full disk while the server runs functions."""

import asyncio

import pytest
import structlog.testing

from engine.scripted import Gate, calls, says
from engine.test_served_calls import outcomes
from engine.world import World, driven, names, replayed, stream
from retinue.core.run import Run, Status
from retinue.engine import journal
from retinue.engine.commands import threads


async def running(world: World, *others: str, stubborn: bool = False) -> tuple[Run, Gate]:
    """A run whose function `get_a` is at work; those of the others have ended, which is stored."""
    gate = Gate()
    tools = world.serve("a", *others)
    tools.will("get_a", gate)
    if stubborn:
        tools.stubborn.add("get_a")
    world.script(calls(*((name, "{}") for name in ("a", *others))), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    history = await world.history(run)
    while len(history.outputs_of(history.steps[0])) < len(others):
        await world.tap.flush()
        history = await world.history(run)
    return run, gate


async def test_cancelling_breaks_off_what_runs_and_keeps_what_has_ended(world: World) -> None:
    run, _ = await running(world, "b")
    assert (await world.cancel(run)).status is Status.CANCELLING
    events = await world.listen(run)
    assert names(events)[-3:] == ["thread.run.cancelling", "thread.run.step.cancelled", "thread.run.cancelled"]
    history = await world.history(run)
    assert outcomes(history) == {"get_a": "unknown", "get_b": "done"}
    assert world.tools.broken_off == ["get_a"]
    assert stream(events) == replayed(history)


async def test_what_was_broken_off_is_told_to_the_model_of_the_next_run_as_unknown(world: World) -> None:
    run, _ = await running(world, "b")
    await world.cancel(run)
    await driven(run)
    model = world.script(says("I see."))
    await world.finished()
    unknown, known = (message["content"] for message in model.requests[-1].messages if message["role"] == "tool")
    assert unknown.startswith("Interrupted, outcome unknown: 'get_a' was broken off while it ran.")
    assert "assume neither" in unknown
    assert known == "get_b({}) is done"


async def test_cancelling_does_not_wait_for_a_function_that_holds_on(world: World) -> None:
    run, gate = await running(world, stubborn=True)
    await world.cancel(run)
    await driven(run)
    history = await world.history(run)
    assert history.run.status is Status.CANCELLED
    gate.go.set()
    await asyncio.sleep(0)
    await world.tap.flush()
    assert await world.history(run) == history


async def test_expiry_breaks_off_what_runs(world: World) -> None:
    run, _ = await running(world, "b")
    await world.expire(run)
    events = await world.listen(run)
    assert names(events)[-2:] == ["thread.run.step.expired", "thread.run.expired"]
    history = await world.history(run)
    assert outcomes(history) == {"get_a": "unknown", "get_b": "done"}
    assert stream(events) == replayed(history)


async def test_a_call_that_ends_with_the_wish_to_cancel_is_told_as_it_ended(world: World) -> None:
    run, gate = await running(world)
    with world.tap.held():
        cancelling = asyncio.create_task(world.cancel(run))
        await asyncio.sleep(0)
        gate.go.set()
        await turns()
    await cancelling
    await driven(run)
    history = await world.history(run)
    assert history.run.status is Status.CANCELLED
    assert outcomes(history) == {"get_a": "done"}
    assert [output.output for output in history.outputs_of(history.steps[0])] == ["get_a({}) is done"]


async def test_a_wish_to_cancel_that_comes_before_a_start_is_stored_lets_nothing_run(world: World) -> None:
    world.serve("a")
    gate = Gate()
    *pieces, done = calls(("a", "{}"))
    world.script((*pieces, gate, done))
    run = await world.start()
    await gate.reached.wait()
    await world.scope.runs.ask_to_cancel(run.thread_id, run.id, check=lambda _: None)
    gate.go.set()
    await driven(run)
    history = await world.history(run)
    assert history.run.status is Status.CANCELLED
    assert world.tools.effects == []
    assert history.executions == ()


async def test_a_mixed_turn_that_is_cancelled_asks_the_client_for_nothing(world: World) -> None:
    world.serve("a").will("get_a", gate := Gate())
    world.script(calls(("a", "{}"), ("b", "{}")), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    events = await world.listen(run)
    assert "thread.run.requires_action" not in names(events)
    history = await world.history(run)
    assert [output.call_id for output in history.outputs_of(history.steps[0])] == ["call_a"]
    assert stream(events) == replayed(history)


async def test_functions_get_to_end_when_the_engine_stops(world: World) -> None:
    run, gate = await running(world)
    stopping = asyncio.create_task(world.engine.stop(drain_s=60))
    gate.go.set()
    await stopping
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert outcomes(history) == {"get_a": "done"}


async def test_a_function_that_takes_too_long_to_end_is_broken_off_and_left_to_the_next_start(world: World) -> None:
    run, _ = await running(world)
    await world.engine.stop(drain_s=0)
    await turns()
    assert world.tools.broken_off == ["get_a"]
    assert outcomes(await world.history(run)) == {"get_a": "running"}
    world.new_engine()
    await world.engine.start()
    await world.listen(run)
    history = await world.history(run)
    assert (history.run.status, outcomes(history)) == (Status.COMPLETED, {"get_a": "unknown"})


async def test_a_thread_that_is_deleted_breaks_off_what_runs_for_it(world: World) -> None:
    run, _ = await running(world)
    await threads.delete(world.engine, world.caller, world.thread.id)
    await driven(run)
    await turns()
    assert world.tools.broken_off == ["get_a"]


async def test_a_full_disk_amid_calls_loses_no_outcome(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_RETRY_S", (0.0,))
    run, gate = await running(world)
    world.tap.full = 3
    gate.go.set()
    with structlog.testing.capture_logs():
        await driven(run)
    history = await world.history(run)
    assert (history.run.status, outcomes(history)) == (Status.COMPLETED, {"get_a": "done"})
    assert len(world.tools.effects) == 1


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
