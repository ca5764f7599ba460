"""Metadata that is changed while a run is under way: every event after it tells it."""

import asyncio

from engine.scripted import Gate, calls, says
from engine.world import World, replayed, stream
from retinue.core.events import Event, RunChanged, StepEnded
from retinue.core.item import Message
from retinue.engine.commands import messages, runs

NEW = {"colour": "blue"}


def last_run(events: list[Event]) -> dict[str, str]:
    return [event.run.metadata for event in events if isinstance(event, RunChanged)][-1]


def told_message(events: list[Event]) -> Message:
    (told,) = [event.message for event in events if isinstance(event, StepEnded) and event.message]
    return told


async def test_a_runs_metadata_changed_meanwhile_is_told_at_its_end(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start(metadata={"colour": "red"})
    await gate.reached.wait()
    await runs.modify(world.engine, world.caller, run.thread_id, run.id, NEW)
    gate.go.set()
    assert last_run(await world.listen(run)) == NEW
    assert (await world.history(run)).run.metadata == NEW


async def test_a_runs_metadata_cleared_meanwhile_is_told_at_its_end(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start(metadata={"colour": "red"})
    await gate.reached.wait()
    await runs.modify(world.engine, world.caller, run.thread_id, run.id, {})
    gate.go.set()
    assert last_run(await world.listen(run)) == {}


async def test_a_messages_metadata_changed_meanwhile_is_told_at_its_end(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    reply = (await world.messages())[-1]
    await messages.modify(world.engine, world.caller, run.thread_id, reply.id, NEW)
    gate.go.set()
    told = told_message(await world.listen(run))
    assert (told.metadata, told.text) == (NEW, "Hello.")


async def test_a_messages_metadata_changed_meanwhile_outlives_its_end(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    reply = (await world.messages())[-1]
    await messages.modify(world.engine, world.caller, run.thread_id, reply.id, NEW)
    gate.go.set()
    await world.listen(run)
    reply = (await world.messages())[-1]
    assert (reply.metadata, reply.text, reply.status) == (NEW, "Hello.", "completed")


async def test_the_message_of_a_run_that_is_cancelled_tells_its_changed_metadata(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    reply = (await world.messages())[-1]
    await messages.modify(world.engine, world.caller, run.thread_id, reply.id, NEW)
    await world.cancel(run)
    assert told_message(await world.listen(run)).metadata == NEW


async def test_a_users_message_changed_meanwhile_leaves_the_reply_as_it_is(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    asked = (await world.messages())[0]
    await messages.modify(world.engine, world.caller, run.thread_id, asked.id, NEW)
    gate.go.set()
    assert told_message(await world.listen(run)).metadata == {}


async def test_metadata_changed_while_the_client_is_asked_is_told_afterwards(world: World) -> None:
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    await runs.modify(world.engine, world.caller, run.thread_id, run.id, NEW)
    history = await world.submit(run, a="1")
    events = await world.listen(run, after=history.run.first_number - 1)
    assert {tuple(event.run.metadata.items()) for event in events if isinstance(event, RunChanged)} == {
        tuple(NEW.items())
    }


async def test_metadata_changed_while_a_run_ends_is_not_lost(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    with world.tap.held():
        gate.go.set()
        changing = asyncio.create_task(runs.modify(world.engine, world.caller, run.thread_id, run.id, NEW))
        for _ in range(20):
            await asyncio.sleep(0)
    await changing
    await world.listen(run)
    assert (await world.history(run)).run.metadata == NEW


async def test_a_replay_tells_the_metadata_that_the_end_told(world: World) -> None:
    gate = Gate()
    world.script(says(gate, "Hello."))
    run = await world.start()
    await gate.reached.wait()
    await runs.modify(world.engine, world.caller, run.thread_id, run.id, NEW)
    gate.go.set()
    events = await world.listen(run)
    ends = stream(events[-1:])
    assert replayed(await world.history(run)).endswith(ends)
