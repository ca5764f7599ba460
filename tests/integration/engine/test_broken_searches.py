"""Searches that are broken off: by a wish to cancel, by time, by a crash."""

from engine.books import HANDBOOK
from engine.scripted import Gate, says, searches
from engine.world import World, check_numbers, driven, names, replayed, stream
from retinue.core.citations import shown
from retinue.core.item import Text, ToolOutput
from retinue.core.run import Run, Status
from retinue.engine.commands import threads
from retinue.engine.tool_round import MAX_ATTEMPTS


async def searching(world: World) -> tuple[Run, Gate]:
    """A run whose model waits for what a search finds."""
    gate = Gate()
    await world.search_in()
    world.books.acts = [gate]
    world.script(searches("leave"), says("Thirty days【0:0†source】."))
    run = await world.start()
    await gate.reached.wait()
    return run, gate


async def test_cancelling_breaks_off_a_search(world: World) -> None:
    run, _ = await searching(world)
    await world.cancel(run)
    events = await world.listen(run)
    assert names(events)[-3:] == ["thread.run.cancelling", "thread.run.step.cancelled", "thread.run.cancelled"]
    assert '"results"' not in stream(events)
    assert '"type":"file_search","file_search":{}' in stream(events)
    assert stream(events) == replayed(await world.history(run))


async def test_the_next_runs_model_is_told_that_a_search_was_broken_off(world: World) -> None:
    run, _ = await searching(world)
    await world.cancel(run)
    await driven(run)
    model = world.script(says("I see."))
    await world.finished()
    (told,) = [message["content"] for message in model.requests[-1].messages if message["role"] == "tool"]
    assert told == "'file_search' was broken off before it ended. Call it again if you still need it."


async def test_expiry_breaks_off_a_search(world: World) -> None:
    run, _ = await searching(world)
    await world.expire(run)
    events = await world.listen(run)
    assert names(events)[-2:] == ["thread.run.step.expired", "thread.run.expired"]
    assert stream(events) == replayed(await world.history(run))


async def test_a_search_is_repeated_after_a_crash_with_the_same_markers(world: World) -> None:
    run, _ = await searching(world)
    await world.new_engine().start()
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    (execution,) = history.executions
    assert (execution.outcome, execution.attempts, execution.kind) == ("done", 2, "file_search")
    (output,) = [item for item in history.items if isinstance(item, ToolOutput)]
    assert [hit.marker for hit in output.hits] == ["【0:0†source】", "【0:1†source】"]
    assert output.output[output.hits[0].start : output.hits[0].end] == HANDBOOK.text
    check_numbers(events)


async def test_a_search_that_ends_its_server_each_time_is_given_up(world: World) -> None:
    run, _ = await searching(world)
    for _ in range(MAX_ATTEMPTS - 1):
        gate = Gate()
        world.books.acts = [gate]
        await world.new_engine().start()
        await gate.reached.wait()
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert [execution.outcome for execution in history.executions] == ["unknown"]
    assert history.run.status is Status.COMPLETED


async def test_a_marker_that_is_broken_off_is_told_as_text(world: World) -> None:
    gate = Gate()
    await world.search_in()
    world.script(searches("leave"), says("Thirty days【0:0†source】 and【0:", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    events = await world.listen(run)
    assert stream(events) == replayed(await world.history(run))
    assert '"text":{"value":"Thirty days【0:0†source】 and【0:","annotations":[{' in stream(events)


async def test_a_message_is_read_with_its_citations_while_it_is_said(world: World) -> None:
    gate = Gate()
    await world.search_in()
    world.script(searches("leave"), says("Thirty days", "【0:0†source】", " and【0:", gate, "1†source】."))
    run = await world.start()
    await gate.reached.wait()
    (message,) = [world.engine.as_said(world.scope, said) for said in await world.messages() if said.run_id == run.id]
    assert [shown(part)[0] for part in message.content if isinstance(part, Text)] == ["Thirty days【0:0†source】 and"]
    gate.go.set()
    await world.listen(run)


async def test_deleting_the_thread_breaks_off_a_search(world: World) -> None:
    run, gate = await searching(world)
    await threads.delete(world.engine, world.caller, world.thread.id)
    await driven(run)
    gate.go.set()
    assert len(world.model.requests) == 1
