"""Drivers that stop amid a run: the next one goes on where the items end."""

import asyncio
import re

from engine.scripted import Gate, calls, says
from engine.world import World, check_numbers, driven, names, replayed, stream
from retinue.core.errors import Fenced
from retinue.core.history import RunChange
from retinue.core.run import EVENTS_PER_FENCE, Run, Status


async def test_a_run_amid_a_stream_is_taken_up_and_said_anew(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate), says("Whole."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    assert await world.new_engine().start() == 1
    events = await world.listen(run)
    assert [(m.text, m.status, m.reason) for m in await world.messages()] == [
        ("Hi!", "completed", None),
        ("", "incomplete", "run_failed"),
        ("Whole.", "completed", None),
    ]
    history = await world.history(run)
    assert [step.status for step in history.steps] == ["failed", "completed"]
    assert history.run.status is Status.COMPLETED
    check_numbers(events)


async def test_what_an_abandoned_attempt_said_is_not_sent_to_the_model(world: World) -> None:
    gate = Gate()
    model = world.script(says("Half a", gate), says("Whole."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    await world.new_engine().start()
    await world.listen(run)
    assert [message["content"] for message in model.requests[1].messages] == ["Hi!"]


async def test_a_taken_up_run_counts_its_events_on_under_a_new_fence(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate), says("Whole."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    heard = EVENTS_PER_FENCE + 5
    await world.new_engine().start()
    events = await world.listen(run, after=heard)
    assert events[0].number == 2 * EVENTS_PER_FENCE + 1
    assert names(events)[:2] == ["thread.message.incomplete", "thread.run.step.failed"]
    assert names(events)[-1] == "thread.run.completed"


async def test_a_driver_that_was_replaced_can_write_no_more(world: World) -> None:
    gate = Gate()
    world.script(says("Old", gate, " words."), says("New words."))
    run = await world.start()
    await gate.reached.wait()
    frozen = asyncio.all_tasks()
    await world.tap.flush()
    await world.new_engine().start()
    await world.listen(run)
    before = await world.history(run)
    gate.go.set()
    await asyncio.wait([task for task in frozen if task.get_name() == f"drive {run.id}"])
    await world.tap.flush()
    assert await world.history(run) == before
    assert [message.text for message in await world.messages()] == ["Hi!", "", "New words."]


async def test_a_write_under_an_old_fence_is_refused(world: World) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    await gate.reached.wait()
    await world.scope.runs.take_over(run.id)
    refused = await asyncio.gather(world.scope.runs.commit(RunChange(run=run)), return_exceptions=True)
    assert isinstance(refused[0], Fenced)


async def test_a_run_that_waits_for_its_client_waits_on_after_a_restart(world: World) -> None:
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    first = await world.listen(run)
    assert await world.new_engine().start() == 0
    history = await world.submit(run, a="1")
    second = await world.listen(run, after=history.run.first_number - 1)
    assert stream([*first, *second]) == replayed(await world.history(run))
    assert names(second)[-1] == "thread.run.completed"


async def test_a_run_with_outputs_handed_in_goes_on_after_a_restart(world: World) -> None:
    gate = Gate()
    model = world.script(calls(("a", "{}")), says(gate), says("Done."))
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1")
    await gate.reached.wait()
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert [len(history.turns), len(model.requests)] == [2, 3]


async def test_a_run_that_was_cancelling_ends_cancelled_after_a_restart(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    await world.scope.runs.ask_to_cancel(run.thread_id, run.id, check=lambda _: None)
    await world.new_engine().start()
    events = await world.listen(run)
    assert names(events)[-4:] == [
        "thread.run.cancelling",
        "thread.message.incomplete",
        "thread.run.step.cancelled",
        "thread.run.cancelled",
    ]
    history = await world.history(run)
    assert [step.status for step in history.steps] == ["cancelled"]
    assert (await world.messages())[-1].reason == "run_cancelled"


async def test_a_run_whose_time_passed_while_the_server_was_down_expires_at_the_start(world: World) -> None:
    gate = Gate()
    model = world.script(says("Half a", gate))
    run = await world.start()
    await gate.reached.wait()
    world.clock.now = run.expires_at
    await world.new_engine().start()
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.EXPIRED
    assert len(model.requests) == 1


async def test_a_run_that_ended_is_not_taken_up(world: World) -> None:
    await world.finished()
    assert await world.new_engine().start() == 0


async def test_runs_that_are_under_way_get_time_to_end_when_the_engine_stops(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    stopping = asyncio.create_task(world.engine.stop(drain_s=60))
    gate.go.set()
    await stopping
    assert (await world.history(run)).run.status is Status.COMPLETED


async def test_a_run_that_takes_too_long_to_end_is_left_to_the_next_start(world: World) -> None:
    gate = Gate()
    model = world.script(says("Hel", gate, "lo."), says("Whole."))
    run = await world.start()
    await gate.reached.wait()
    await world.engine.stop(drain_s=0)
    assert model.closed == 1
    await world.tap.flush()
    assert (await world.history(run)).run.status is Status.IN_PROGRESS
    assert await world.new_engine().start() == 1
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.COMPLETED


async def test_a_listener_of_a_stopped_engine_hears_the_end_of_the_stream(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate))
    run = await world.start()
    listening = asyncio.create_task(world.listen(run))
    await gate.reached.wait()
    await world.engine.stop(drain_s=0)
    assert names(await listening)[-1] == "thread.message.delta"


async def test_a_late_listener_hears_everything(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    early = asyncio.create_task(world.listen(run))
    await gate.reached.wait()
    late = asyncio.create_task(world.listen(run))
    gate.go.set()
    assert await early == await late


async def test_a_listener_that_comes_back_hears_what_it_missed_and_nothing_twice(world: World) -> None:
    world.script(calls(("a", '{"x": 1}')), says("Do", "ne."))
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1")
    await check_every_return(world, run, stream(await world.listen(run)))


async def test_a_listener_that_comes_back_amid_what_came_at_once_hears_the_rest_of_it(world: World) -> None:
    gate = Gate()
    world.model.at_once = (3,)
    world.script(says("a", "b", "c", "d", gate, "e", "f"))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    number = run.first_number + 4
    late = asyncio.create_task(world.listen(run, after=number))
    await asyncio.sleep(0)
    gate.go.set()
    whole = stream(await world.listen(run))
    assert stream(await late) == whole.partition(f"id: {number}\n\n")[2]
    await check_every_return(world, run, whole)


async def check_every_return(world: World, run: Run, whole: str) -> None:
    """Whoever comes back after any event of the stream gets what follows."""
    for number in re.findall(r"^id: (\d+)$", whole, re.MULTILINE):
        _, _, rest = whole.partition(f"id: {number}\n\n")
        assert stream(await world.listen(run, after=int(number))) == rest


async def test_a_listener_of_an_earlier_stretch_hears_stored_events_then_live_ones(world: World) -> None:
    gate = Gate()
    world.script(calls(("a", "{}")), says("Do", gate, "ne."))
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1")
    await gate.reached.wait()
    listening = asyncio.create_task(world.listen(run))
    gate.go.set()
    events = await listening
    assert stream(events) == replayed(await world.history(run))


async def test_a_listener_that_leaves_stops_nothing(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    listening = asyncio.create_task(world.listen(run))
    await gate.reached.wait()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    gate.go.set()
    await driven(run)
    assert (await world.history(run)).run.status is Status.COMPLETED


async def test_a_message_can_be_read_as_far_as_it_was_said(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate, " sentence."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    stored = (await world.messages())[-1]
    assert world.engine.as_said(world.scope, stored).text == "Half a"
    gate.go.set()
    await world.listen(run)


async def test_a_message_can_be_read_while_its_end_is_being_stored(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate, " sentence."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    with world.tap.held():
        gate.go.set()
        for _ in range(20):
            await asyncio.sleep(0)
        stored = (await world.messages())[-1]
        assert world.engine.as_said(world.scope, stored).text == "Half a sentence."
    await world.listen(run)
