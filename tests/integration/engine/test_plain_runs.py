from typing import NoReturn

import pytest
from msgspec import structs

from engine.scripted import Gate, calls, done, says
from engine.world import World, check_numbers, driven, names, replayed, stream
from retinue.core.errors import InvalidRequest, Locked
from retinue.core.item import Message, Text
from retinue.core.run import Status
from retinue.core.usage import Usage
from retinue.engine.commands import messages
from retinue.models import CallPiece, Finished, TextPiece
from retinue.models.tokens import counter_for

PLAIN = [
    "thread.run.created",
    "thread.run.queued",
    "thread.run.in_progress",
    "thread.run.step.created",
    "thread.run.step.in_progress",
    "thread.message.created",
    "thread.message.in_progress",
    "thread.message.delta",
    "thread.message.delta",
    "thread.message.completed",
    "thread.run.step.completed",
    "thread.run.completed",
]


async def test_a_plain_run_tells_the_contracts_events_in_their_order(world: World) -> None:
    world.script(says("Hello", " there."))
    events = await world.listen(await world.start())
    assert names(events) == PLAIN
    check_numbers(events)


async def test_a_plain_run_awaits_two_commits(world: World) -> None:
    world.script(says("Hello", " there."))
    world.tap.counting = True
    await world.listen(await world.start())
    assert world.tap.awaited == 2


async def test_a_plain_run_stores_what_it_said(world: World) -> None:
    world.script(says("Hello", " there."))
    history = await world.finished()
    assert history.run.status is Status.COMPLETED
    _, reply = await world.messages()
    assert (reply.text, reply.status, reply.role) == ("Hello there.", "completed", "assistant")
    assert [step.status for step in await world.steps(history.run)] == ["completed"]


async def test_what_the_model_was_asked_otherwise_stands_in_the_turns_manifest(world: World) -> None:
    note = "The model's provider takes no top_p: it was left out."
    world.script((TextPiece("Hello."), structs.replace(done(), notes=(note,))))
    history = await world.finished()
    assert note in history.turns[0].manifest.notes


async def test_usage_of_a_run_is_the_sum_of_its_turns(world: World) -> None:
    world.script(
        calls(("a", "{}"), usage=Usage(prompt=100, completion=20, cached=7)),
        says("Done.", usage=Usage(prompt=150, completion=30, reasoning=3)),
    )
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    run = (await world.history(run)).run
    assert run.usage == Usage(prompt=250, completion=50, cached=7, reasoning=3)


async def test_usage_is_unknown_while_the_client_is_asked(world: World) -> None:
    world.script(calls(("a", "{}")))
    history = await world.finished()
    assert history.run.status is Status.REQUIRES_ACTION
    assert history.run.usage is None


async def test_usage_is_counted_where_the_model_reports_none(world: World) -> None:
    silent = Finished(reason="stop", model="gpt-4o")
    world.script((TextPiece("Hello"), TextPiece(" there."), silent))
    (turn,) = (await world.finished()).turns
    (request,) = world.model.requests
    prompt = await counter_for("gpt-4o").count_prompt(request.messages, request.tools)
    assert turn.usage == Usage(prompt=prompt, completion=3, estimated=True)


async def test_tool_calls_count_as_what_the_model_said(world: World) -> None:
    call = CallPiece(index=0, id="call_a", name="get_a", arguments='{"city": ')
    silent = Finished(reason="tool_calls", model="gpt-4o")
    world.script((call, CallPiece(index=0, arguments='"Rome"}'), silent))
    (turn,) = (await world.finished()).turns
    assert turn.usage.completion == await counter_for("gpt-4o").count('get_a{"city": "Rome"}')


async def test_what_the_provider_reports_is_not_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(model: str) -> NoReturn:
        raise AssertionError(f"tokens of {model} are counted")

    monkeypatch.setattr("retinue.engine.call.counter_for", refuse)
    world.script(says("Hello.", usage=Usage(prompt=3, completion=2)))
    assert (await world.finished()).run.usage == Usage(prompt=3, completion=2)


async def test_a_model_that_says_nothing_leaves_an_empty_message(world: World) -> None:
    world.script(says())
    run = await world.start()
    events = await world.listen(run)
    assert names(events)[-3:] == ["thread.message.completed", "thread.run.step.completed", "thread.run.completed"]
    assert (await world.messages())[-1].content == (Text(""),)
    assert stream(events) == replayed(await world.history(run))


async def test_parallel_calls_are_one_step_told_call_by_call(world: World) -> None:
    world.script(calls(("a", '{"x": 1}'), ("b", "{}")))
    events = await world.listen(await world.start())
    assert names(events)[3:] == [
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.run.step.delta",
        "thread.run.step.delta",
        "thread.run.step.delta",
        "thread.run.step.delta",
        "thread.run.requires_action",
    ]


async def test_calls_that_come_interleaved_are_told_one_after_the_other(world: World) -> None:
    pieces = (
        CallPiece(index=0, id="call_a", name="get_a", arguments='{"x'),
        CallPiece(index=1, id="call_b", name="get_b", arguments='{"y'),
        CallPiece(index=0, arguments='": 1}'),
        CallPiece(index=1, arguments='": 2}'),
    )
    world.script((*pieces, done("tool_calls")))
    run = await world.start()
    told = stream(await world.listen(run))
    assert told.index('{\\"y') > told.index('\\": 1}')
    assert told == replayed(await world.history(run))


async def test_a_fragment_that_comes_after_its_calls_json_was_whole_keeps_the_order(world: World) -> None:
    pieces = (
        CallPiece(index=0, id="call_a", name="get_a", arguments="{}"),
        CallPiece(index=1, id="call_b", name="get_b", arguments="{"),
        CallPiece(index=0, arguments="\n"),
        CallPiece(index=1, arguments="}"),
    )
    world.script((*pieces, done("tool_calls")))
    run = await world.start()
    assert stream(await world.listen(run)) == replayed(await world.history(run))


async def test_text_after_calls_is_told_once_the_calls_are_whole(world: World) -> None:
    first = CallPiece(index=0, id="call_a", name="get_a", arguments="{")
    world.script(
        (first, TextPiece("Let me "), CallPiece(index=0, arguments="}"), TextPiece("look."), done("tool_calls"))
    )
    run = await world.start()
    events = await world.listen(run)
    told = names(events)
    assert told.index("thread.message.created") > max(i for i, n in enumerate(told) if n == "thread.run.step.delta")
    assert (await world.messages())[-1].text == "Let me look."
    assert stream(events) == replayed(await world.history(run))


async def test_outputs_let_the_run_go_on_to_its_end(world: World) -> None:
    world.script(calls(("a", "{}"), ("b", "{}")), says("Both."))
    run = await world.start()
    first = await world.listen(run)
    history = await world.submit(run, a="1", b="2")
    second = await world.listen(run, after=history.run.first_number - 1)
    assert names(second)[:3] == ["thread.run.step.completed", "thread.run.queued", "thread.run.in_progress"]
    assert names(second)[-1] == "thread.run.completed"
    assert stream([*first, *second]) == replayed(await world.history(run))


async def test_the_model_gets_the_outputs_of_its_calls(world: World) -> None:
    model = world.script(calls(("a", "{}"), ("b", "{}")), says("Both."))
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1", b="2")
    await world.listen(run)
    assert [(m["role"], m.get("content")) for m in model.requests[1].messages] == [
        ("user", "Hi!"),
        ("assistant", None),
        ("tool", "1"),
        ("tool", "2"),
    ]


@pytest.mark.parametrize("got", [{}, {"a": "1"}, {"a": "1", "c": "3"}, {"a": "1", "b": "2", "c": "3"}])
async def test_outputs_for_other_calls_than_those_pending_are_refused(world: World, got: dict[str, str]) -> None:
    world.script(calls(("a", "{}"), ("b", "{}")))
    run = await world.start()
    await world.listen(run)
    with pytest.raises(InvalidRequest, match="Expected tool outputs for call_ids") as refused:
        await world.submit(run, **got)
    names_got = [f"call_{name}" for name in got]
    assert refused.value.message == f"Expected tool outputs for call_ids ['call_a', 'call_b'], got {names_got}"
    assert (await world.history(run)).run.status is Status.REQUIRES_ACTION


async def test_outputs_submitted_twice_are_refused_the_second_time(world: World) -> None:
    gate = Gate()
    world.script(calls(("a", "{}")), says(gate, "Done."))
    run = await world.start()
    await world.listen(run)
    await world.submit(run, a="1")
    await gate.reached.wait()
    with pytest.raises(InvalidRequest, match=r'Runs in status "(queued|in_progress)" do not accept tool outputs.'):
        await world.submit(run, a="1")
    gate.go.set()
    assert names(await world.listen(run))[-1] == "thread.run.completed"


async def test_outputs_come_in_after_the_calls_of_an_earlier_turn_with_the_same_ids(world: World) -> None:
    world.script(calls(("a", "{}")), calls(("a", '{"again": 1}')), says("Done."))
    run = await world.start()
    await world.listen(run)
    for output in ("1", "2"):
        await world.submit(run, a=output)
        await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert [[output.output for output in history.outputs_of(step)] for step in history.steps[:2]] == [["1"], ["2"]]


@pytest.mark.parametrize(("choice", "first"), [("required", "required"), ("auto", "auto"), ("none", "none")])
async def test_a_tool_choice_that_forces_a_call_holds_for_the_first_turn(world: World, choice: str, first: str) -> None:
    model = world.script(calls(("a", "{}")), says("Done."))
    run = await world.start(tool_choice=choice)
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    later = "auto" if choice == "required" else first
    assert [request.tool_choice for request in model.requests] == [first, later]


async def test_a_model_that_calls_for_ever_is_stopped_at_the_cap_on_turns(world: World) -> None:
    model = world.script(calls(("a", "{}")))
    run = await world.start()
    await world.listen(run)
    for _ in range(world.limits.max_turns):
        await world.submit(run, a="again")
        await world.listen(run)
    run = (await world.history(run)).run
    assert run.status is Status.FAILED
    assert run.error is not None
    assert "5 model calls" in run.error.message
    assert len(model.requests) == 5


async def test_a_live_run_locks_its_thread(world: World) -> None:
    gate = Gate()
    world.script(says(gate))
    run = await world.start()
    with pytest.raises(Locked, match=f"^Thread {run.thread_id} already has an active run {run.id}\\.$"):
        await world.start()
    with pytest.raises(Locked, match=f"^Can't add messages to {run.thread_id} while a run {run.id} is active\\.$"):
        await world.say("And?")
    gate.go.set()
    await world.listen(run)
    await world.say("And?")
    await world.finished()


async def test_messages_and_steps_show_up_while_the_model_speaks(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    assert [(m.role, m.status) for m in await world.messages()] == [("user", "completed"), ("assistant", "in_progress")]
    assert [step.status for step in await world.steps(run)] == ["in_progress"]
    gate.go.set()
    await world.listen(run)


async def test_metadata_given_to_a_message_while_it_streams_stays(world: World) -> None:
    gate = Gate()
    world.script(says("Hel", gate, "lo."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    reply = (await world.messages())[-1]
    await messages.modify(world.engine, world.caller, world.thread.id, reply.id, {"mark": "1"})
    gate.go.set()
    await world.listen(run)
    reply = (await world.messages())[-1]
    assert (reply.text, reply.metadata) == ("Hello.", {"mark": "1"})


async def test_a_run_without_a_user_message_or_instructions_is_refused(world: World) -> None:
    world.thread = await world.new_thread("Hi!")
    for message in await world.messages():
        await messages.delete(world.engine, world.caller, world.thread.id, message.id)
    with pytest.raises(InvalidRequest, match="requires a Thread with a user message or an assistant with instructions"):
        await world.start()


async def test_replies_alone_are_no_user_message(world: World) -> None:
    [asked] = await world.messages()
    for _ in range(10):
        reply = Message(id="", thread_id="", role="assistant", created_at=0, content=(Text("Hm."),))
        await messages.create(world.engine, world.caller, world.thread.id, reply)
    await messages.delete(world.engine, world.caller, world.thread.id, asked.id)
    with pytest.raises(InvalidRequest, match="requires a Thread with a user message"):
        await world.start()


async def test_a_user_message_counts_however_many_replies_follow_it(world: World) -> None:
    for _ in range(101):
        reply = Message(id="", thread_id="", role="assistant", created_at=0, content=(Text("Hm."),))
        await messages.create(world.engine, world.caller, world.thread.id, reply)
    assert (await world.finished()).run.status is Status.COMPLETED


async def test_additional_messages_stand_before_the_reply(world: World) -> None:
    more = Message(id="", thread_id="", role="user", created_at=0, content=(Text("More."),))
    await world.finished(additional_messages=(more,))
    assert [message.text for message in await world.messages()] == ["Hi!", "More.", "Hello."]


async def test_a_driver_lets_go_of_a_run_that_waits(world: World) -> None:
    world.script(calls(("a", "{}")))
    run = await world.start()
    await world.listen(run)
    await driven(run)
    assert names(await world.listen(run))[-1] == "thread.run.requires_action"
