"""What goes wrong: the model, the disk, the thread that is deleted meanwhile."""

import asyncio

import pytest

from engine.scripted import Gate, calls, done, says
from engine.world import PROJECT, World, driven, names, replayed, stream
from retinue.core.errors import InvalidRequest, Locked, ModelFault, NotFound, StoreFull
from retinue.core.item import Message, Text
from retinue.core.job import EXPIRE_RUN
from retinue.core.run import Status
from retinue.core.usage import Usage
from retinue.engine import journal
from retinue.engine.commands import messages, threads
from retinue.models import CallPiece, Finished, TextPiece
from retinue.store import branches


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once to store what a full disk refused."""
    monkeypatch.setattr(journal, "_RETRY_S", (0.0,))


@pytest.mark.parametrize("code", ["server_error", "rate_limit_exceeded", "invalid_prompt"])
async def test_a_fault_before_the_first_piece_fails_the_run_with_its_sentence(world: World, code: str) -> None:
    world.script((ModelFault("It is down.", code=code),))  # type: ignore[arg-type]  # one of the three, see above
    run = await world.start()
    events = await world.listen(run)
    assert names(events)[-1] == "thread.run.failed"
    run = (await world.history(run)).run
    assert run.error is not None
    assert (run.error.code, run.error.message) == (code, "It is down.")
    assert len(await world.messages()) == 1


async def test_a_fault_amid_the_answer_keeps_what_was_said(world: World) -> None:
    world.script((TextPiece("Half a"), TextPiece(" sentence"), ModelFault("It broke off.")))
    run = await world.start()
    events = await world.listen(run)
    assert names(events)[-3:] == ["thread.message.incomplete", "thread.run.step.failed", "thread.run.failed"]
    reply = (await world.messages())[-1]
    assert (reply.text, reply.status, reply.reason) == ("Half a sentence", "incomplete", "run_failed")
    assert stream(events) == replayed(await world.history(run))


async def test_a_fault_amid_a_call_closes_its_step(world: World) -> None:
    world.script((CallPiece(index=0, id="call_a", name="get_a", arguments='{"x'), ModelFault("It broke off.")))
    run = await world.start()
    events = await world.listen(run)
    assert names(events)[-2:] == ["thread.run.step.failed", "thread.run.failed"]
    assert stream(events) == replayed(await world.history(run))


async def test_a_fault_keeps_text_that_was_said_after_a_call(world: World) -> None:
    first, second, _ = calls(("a", "{}"))
    world.script((first, second, TextPiece("So far."), ModelFault("It broke off.")))
    await world.finished()
    assert [message.text for message in await world.messages()] == ["Hi!", "So far."]


@pytest.mark.parametrize("before", [(), (TextPiece("Half"),), (CallPiece(index=0, id="a", name="a", arguments="{"),)])
async def test_a_mistake_of_ours_amid_the_answer_leaves_nothing_open(
    world: World, before: tuple[TextPiece | CallPiece, ...]
) -> None:
    world.script((*before, RuntimeError("a bug in a model's back end")))
    run = await world.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.FAILED
    assert [step.status for step in history.steps] == ["failed"] * len(before)
    assert "in_progress" not in [message.status for message in await world.messages()]
    assert stream(events) == replayed(history)


async def test_a_fault_of_a_later_turn_keeps_the_turns_before_it(world: World) -> None:
    world.script(calls(("a", "{}")), (ModelFault("It is down."),))
    run = await world.start()
    first = await world.listen(run)
    history = await world.submit(run, a="1")
    second = await world.listen(run, after=history.run.first_number - 1)
    history = await world.history(run)
    assert [step.status for step in history.steps] == ["completed"]
    assert history.run.usage == Usage(prompt=10, completion=5)
    assert stream([*first, *second]) == replayed(history)


async def test_a_reply_that_hit_its_limit_leaves_an_incomplete_run_with_its_text(world: World) -> None:
    world.script(says("Half a", finish="length"))
    run = await world.start()
    events = await world.listen(run)
    assert names(events)[-3:] == ["thread.message.incomplete", "thread.run.step.completed", "thread.run.incomplete"]
    history = await world.history(run)
    assert history.run.incomplete == "max_completion_tokens"
    assert (await world.messages())[-1].reason == "max_tokens"
    assert stream(events) == replayed(history)


async def test_a_limit_amid_a_call_leaves_an_incomplete_run_and_no_open_step(world: World) -> None:
    cut = CallPiece(index=0, id="call_a", name="get_a", arguments='{"x')
    world.script((TextPiece("Let me look."), cut, done("length")))
    run = await world.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.INCOMPLETE
    assert [step.status for step in history.steps] == ["completed", "failed"]
    assert stream(events) == replayed(history)


async def test_a_content_filter_fails_the_run_and_keeps_the_text(world: World) -> None:
    world.script(says("Half a", finish="content_filter"))
    history = await world.finished()
    assert history.run.status is Status.FAILED
    reply = (await world.messages())[-1]
    assert (reply.text, reply.reason) == ("Half a", "content_filter")


async def test_what_is_left_of_the_completion_budget_bounds_each_turn(world: World) -> None:
    model = world.script(
        calls(("a", "{}"), usage=Usage(prompt=10, completion=200)), says("Done.", usage=Usage(prompt=10, completion=9))
    )
    run = await world.start(max_completion_tokens=500)
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    assert [request.max_tokens for request in model.requests] == [500, 300]


async def test_a_used_up_completion_budget_ends_the_run_incomplete(world: World) -> None:
    world.script(calls(("a", "{}"), usage=Usage(prompt=10, completion=500)))
    run = await world.start(max_completion_tokens=500)
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    run = (await world.history(run)).run
    assert (run.status, run.incomplete) == (Status.INCOMPLETE, "max_completion_tokens")


async def test_a_used_up_prompt_budget_ends_the_run_incomplete(world: World) -> None:
    world.script(calls(("a", "{}"), usage=Usage(prompt=300, completion=5)))
    run = await world.start(max_prompt_tokens=300)
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    run = (await world.history(run)).run
    assert (run.status, run.incomplete) == (Status.INCOMPLETE, "max_prompt_tokens")


async def test_a_message_that_exceeds_the_prompt_budget_ends_the_run_incomplete(world: World) -> None:
    world.thread = await world.new_thread("many words " * 1_000)
    run = (await world.finished(max_prompt_tokens=256)).run
    assert (run.status, run.incomplete) == (Status.INCOMPLETE, "max_prompt_tokens")
    assert world.model.requests == []


@pytest.mark.usefixtures("no_pauses")
async def test_a_full_disk_amid_a_run_loses_nothing_of_what_was_said(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    world.tap.full = 3
    gate.go.set()
    events = await world.listen(run)
    assert names(events)[-1] == "thread.run.completed"
    assert (await world.messages())[-1].text == "Hello."
    assert stream(events) == replayed(await world.history(run))


@pytest.mark.usefixtures("no_pauses")
async def test_a_disk_that_is_full_from_the_first_delta_on_loses_nothing(world: World) -> None:
    gate = Gate()
    *pieces, end = calls(("a", "{}"), ("b", "{}"))
    world.script((gate, TextPiece("Let me look."), *pieces, end), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    world.tap.full = 8
    gate.go.set()
    first = await world.listen(run)
    history = await world.submit(run, a="1", b="2")
    second = await world.listen(run, after=history.run.first_number - 1)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert [message.text for message in await world.messages()] == ["Hi!", "Let me look.", "Done."]
    assert stream([*first, *second]) == replayed(history)


async def test_a_run_that_could_not_be_stored_was_not_started(world: World) -> None:
    world.tap.full = 1
    with pytest.raises(StoreFull):
        await world.start()
    assert world.model.requests == []
    assert (await world.finished()).run.status is Status.COMPLETED


async def test_outputs_that_could_not_be_stored_can_be_sent_again(world: World) -> None:
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    world.tap.full = 1
    with pytest.raises(StoreFull):
        await world.submit(run, a="1")
    await world.submit(run, a="1")
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.COMPLETED


async def test_a_thread_that_is_deleted_amid_a_run_ends_its_stream_and_the_models(world: World) -> None:
    gate = Gate()
    model = world.script(says("Half", gate))
    run = await world.start()
    listening = asyncio.create_task(world.listen(run))
    await gate.reached.wait()
    await threads.delete(world.engine, world.caller, world.thread.id)
    assert names(await listening)[-1] == "thread.message.delta"
    assert model.closed == 1
    await world.tap.flush()
    with pytest.raises(NotFound):
        await world.history(run)
    assert await world.store.jobs.next_due(EXPIRE_RUN) is None


async def test_a_thread_that_is_deleted_while_the_client_is_asked_takes_the_run_with_it(world: World) -> None:
    world.script(calls(("a", "{}")))
    run = await world.start()
    await world.listen(run)
    await threads.delete(world.engine, world.caller, world.thread.id)
    with pytest.raises(NotFound, match="No thread found with id"):
        await world.submit(run, a="1")


async def test_a_reply_is_stored_in_a_thread_that_takes_no_more_messages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(branches, "MESSAGES_PER_THREAD", 1)
    history = await world.finished()
    assert history.run.status is Status.COMPLETED
    assert [message.text for message in await world.messages()] == ["Hi!", "Hello."]
    with pytest.raises(InvalidRequest, match="A thread holds at most 1 messages"):
        await world.say("And?")


@pytest.mark.parametrize("calling", [False, True])
async def test_a_mistake_of_ours_after_the_answer_fails_the_run_and_tells_all_that_is_stored(
    world: World, calling: bool
) -> None:
    async def no_price(_finished: Finished, _usage: Usage) -> float | None:
        raise RuntimeError("a bug in a table of prices")

    world.script(calls(("a", "{}")) if calling else says("Hello."))
    world.price = no_price
    world.new_engine()
    run = await world.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.FAILED
    assert "in_progress" not in [step.status for step in history.steps]
    assert stream(events) == replayed(history)


async def test_a_deleted_assistant_does_not_touch_its_live_run(world: World) -> None:
    gate = Gate()
    world.script(says(gate, "Done."))
    run = await world.start()
    await gate.reached.wait()
    await world.scope.assistants.delete(world.assistant.id)
    gate.go.set()
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.COMPLETED


async def test_a_reply_that_is_being_written_can_not_be_deleted(world: World) -> None:
    gate = Gate()
    world.script(says("Half", gate))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    reply = (await world.messages())[-1]
    with pytest.raises(Locked):
        await messages.delete(world.engine, world.caller, world.thread.id, reply.id)
    gate.go.set()
    await world.listen(run)
    await messages.delete(world.engine, world.caller, world.thread.id, reply.id)
    assert len(await world.messages()) == 1


async def test_a_run_whose_reply_was_deleted_can_still_be_told_again(world: World) -> None:
    history = await world.finished()
    reply = (await world.messages())[-1]
    await messages.delete(world.engine, world.caller, world.thread.id, reply.id)
    events = await world.listen(history.run)
    assert names(events)[-1] == "thread.run.completed"


async def test_project_of_another_caller_sees_no_run(world: World) -> None:
    history = await world.finished()
    with pytest.raises(NotFound):
        await world.store.scoped(f"{PROJECT}2").runs.history(history.run.id)


async def test_additional_messages_of_a_refused_run_leave_nothing(world: World) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    more = Message(id="", thread_id="", role="user", created_at=0, content=(Text("More."),))
    with pytest.raises(InvalidRequest):
        await world.start(additional_messages=(more,))
    assert len(await world.messages()) == 1
    gate.go.set()
    await world.listen(run)
    await driven(run)
