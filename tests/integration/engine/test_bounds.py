"""Bounds of what a model can do to a run, and a run to its server."""

import asyncio

import pytest
from store import rows

from engine.scripted import Gate, calls, done, says
from engine.world import World, names, replayed, stream
from retinue.core.errors import InvalidRequest
from retinue.core.history import History
from retinue.core.item import ToolCall
from retinue.core.next_action import MAX_LOST_DRIVERS
from retinue.core.run import Run, Status
from retinue.core.thread import Thread
from retinue.core.tools import NamedTool
from retinue.engine import call
from retinue.engine.calls import MAX_CALLS
from retinue.engine.commands import runs
from retinue.models import CallPiece, TextPiece

SHORT = 10


@pytest.fixture
def short_replies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call, "MAX_REPLY_CHARACTERS", SHORT)


def asks(count: int) -> list[CallPiece]:
    return [CallPiece(index=n, id=f"call_{n}", name="get_a", arguments="{}") for n in range(count)]


def failure(history: History) -> str:
    assert history.run.status is Status.FAILED
    assert history.run.error is not None
    return history.run.error.message


# What a model says


async def test_too_many_calls_fail_the_run_and_keep_what_was_said(world: World) -> None:
    world.script((TextPiece("Let me look."), *asks(MAX_CALLS + 1), done("tool_calls")))
    run = await world.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert f"more than {MAX_CALLS} tool calls" in failure(history)
    assert [message.text for message in await world.messages()] == ["Hi!", "Let me look."]
    assert [step.status for step in history.steps] == ["completed", "failed"]
    assert len([item for item in history.items if isinstance(item, ToolCall)]) == MAX_CALLS
    assert stream(events) == replayed(history)


async def test_as_many_calls_as_can_be_are_handed_to_the_client(world: World) -> None:
    world.script((*asks(MAX_CALLS), done("tool_calls")))
    run = await world.start()
    await world.listen(run)
    run = (await world.history(run)).run
    assert (run.status, len(run.pending)) == (Status.REQUIRES_ACTION, MAX_CALLS)


@pytest.mark.usefixtures("short_replies")
async def test_a_reply_beyond_all_bounds_fails_the_run_and_keeps_the_text(world: World) -> None:
    model = world.script(says("12345", "67890", "1", "never taken"))
    run = await world.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert f"more than {SHORT} characters" in failure(history)
    assert (await world.messages())[-1].text == "1234567890"
    assert stream(events) == replayed(history)
    assert model.closed == 1


@pytest.mark.usefixtures("short_replies")
async def test_a_reply_of_just_as_many_characters_as_can_be_is_taken(world: World) -> None:
    world.script(says("12345", "67890"))
    assert (await world.finished()).run.status is Status.COMPLETED


@pytest.mark.usefixtures("short_replies")
async def test_arguments_count_as_said(world: World) -> None:
    world.script(calls(("a", '{"x": "123456"}')))
    history = await world.finished()
    assert f"more than {SHORT} characters" in failure(history)
    assert [step.status for step in history.steps] == ["failed"]


@pytest.mark.usefixtures("short_replies")
async def test_each_reply_of_a_run_is_bounded_for_itself(world: World) -> None:
    world.script(calls(("a", '{"x": 1}')), says("12345678"))
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.COMPLETED


# What a run does to its server


async def lose_drivers(world: World, run: Run, times: int) -> None:
    for _ in range(times):
        assert await world.new_engine().start() == 1
    assert (await world.history(run)).run.lost_drivers == times


async def test_a_run_that_lost_its_driver_again_and_again_fails_at_the_next_take_over(world: World) -> None:
    gate = Gate()
    model = world.script(says("Half a", gate))
    run = await world.start()
    await gate.reached.wait()
    await lose_drivers(world, run, MAX_LOST_DRIVERS + 1)
    events = await world.listen(run)
    assert names(events)[-1] == "thread.run.failed"
    assert "stopped again and again amid this run" in failure(await world.history(run))
    assert len(model.requests) <= MAX_LOST_DRIVERS + 1


async def test_a_run_that_failed_for_its_lost_drivers_leaves_nothing_open(world: World) -> None:
    gate = Gate()
    world.script(says("Half a", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    await lose_drivers(world, run, MAX_LOST_DRIVERS + 1)
    await world.listen(run)
    history = await world.history(run)
    assert "in_progress" not in [step.status for step in history.steps]
    assert "in_progress" not in [message.status for message in await world.messages()]
    assert (await world.say("And now?")).text == "And now?"


async def test_a_run_that_lost_its_driver_as_often_as_can_be_is_still_driven(world: World) -> None:
    gate = Gate()
    model = world.script(says(gate))
    run = await world.start()
    await gate.reached.wait()
    await lose_drivers(world, run, MAX_LOST_DRIVERS - 1)
    model.replies[0] = says("Whole.")
    await lose_one_more_and_end(world, run)
    assert (await world.history(run)).run.status is Status.COMPLETED


async def lose_one_more_and_end(world: World, run: Run) -> None:
    assert await world.new_engine().start() == 1
    await world.listen(run)


async def test_a_stored_turn_resets_the_count_of_lost_drivers(world: World) -> None:
    lost, held = Gate(), Gate()
    ask, arguments, end = calls(("a", "{}"))
    world.script(says(lost), (held, ask, arguments, end))
    run = await world.start()
    await lost.reached.wait()
    await lose_drivers(world, run, 1)
    held.go.set()
    await world.listen(run)
    run = (await world.history(run)).run
    assert (run.status, run.lost_drivers) == (Status.REQUIRES_ACTION, 0)


async def test_outputs_reset_the_count_of_lost_drivers(world: World) -> None:
    gate = Gate()
    world.script(calls(("a", "{}")), says(gate))
    run = await world.start()
    await world.listen(run)
    assert (await world.scope.runs.take_over(run.id)).run.lost_drivers == 1
    assert (await world.submit(run, a="1")).run.lost_drivers == 0
    await gate.reached.wait()
    assert (await world.history(run)).run.lost_drivers == 0


async def test_a_run_that_was_cancelled_ends_cancelled_however_many_drivers_it_lost(world: World) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    await gate.reached.wait()
    await lose_drivers(world, run, MAX_LOST_DRIVERS)
    await world.scope.runs.ask_to_cancel(run.thread_id, run.id, check=lambda _: None)
    await lose_one_more_and_end(world, run)
    assert (await world.history(run)).run.status is Status.CANCELLED


# What is told is stored


async def test_nothing_is_told_to_have_begun_before_it_is_stored(world: World) -> None:
    gate = Gate()
    world.script(says(gate, "Hello."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    events = world.engine.listen(world.scope, run.id, after=run.first_number + 1)
    listening = asyncio.ensure_future(anext(events))
    with world.tap.held():
        gate.go.set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not listening.done()
    told = [*await listening, *[event async for batch in events for event in batch]]
    assert names(told)[:2] == ["thread.run.step.created", "thread.run.step.in_progress"]
    assert names(told)[-1] == "thread.run.completed"


# What can't be begun


@pytest.mark.parametrize("choice", ["required", NamedTool(type="function", name="get_a")])
async def test_a_choice_that_forces_a_call_needs_tools(world: World, choice: str | NamedTool) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await world.start(tools=(), tool_choice=choice)
    assert (refused.value.param, refused.value.code) == ("tool_choice", "invalid_value")


async def test_a_choice_of_a_function_that_is_not_there_is_refused_with_its_name(world: World) -> None:
    with pytest.raises(InvalidRequest, match="get_lost") as refused:
        await world.start(tool_choice=NamedTool(type="function", name="get_lost"))
    assert refused.value.param == "tool_choice"


async def test_a_choice_that_can_not_be_met_begins_no_run(world: World) -> None:
    with pytest.raises(InvalidRequest):
        await world.start(tools=(), tool_choice="required")
    assert world.model.requests == []
    assert (await world.finished()).run.status is Status.COMPLETED


async def test_a_choice_that_can_not_be_met_makes_no_thread(world: World) -> None:
    request = runs.RunRequest(assistant_id=world.assistant.id, tools=(), tool_choice="required", instructions="Hi.")
    draft = Thread(id="", created_at=0, head="")
    before = await rows.counts(world.tap)
    with pytest.raises(InvalidRequest, match="tool_choice"):
        await runs.create_with_thread(world.engine, world.caller, draft, (), request)
    assert await rows.counts(world.tap) == before


@pytest.mark.parametrize("choice", ["none", "auto"])
async def test_a_choice_that_forces_nothing_needs_no_tools(world: World, choice: str) -> None:
    assert (await world.finished(tools=(), tool_choice=choice)).run.status is Status.COMPLETED


async def test_the_assistants_own_tools_meet_a_choice(world: World) -> None:
    world.script(calls(("b", "{}")))
    run = await world.start(tool_choice=NamedTool(type="function", name="get_b"))
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.REQUIRES_ACTION
