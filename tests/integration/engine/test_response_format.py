"""Answers that are to be JSON: checked before they are called completed, asked for again, given up honestly."""

import asyncio
from typing import Any

import pytest

from engine.scripted import Gate, calls, done, says
from engine.world import World, check_numbers, driven, names, replayed, stream
from retinue.core.errors import InvalidRequest
from retinue.core.events import events_after
from retinue.core.run import Status
from retinue.core.usage import Usage
from retinue.engine.answers import Answers
from retinue.engine.commands import assistants
from retinue.models import Finished, TextPiece
from retinue.schemas import SchemaChecker

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
FORMAT: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "city", "strict": True, "schema": CITY}}
GOOD, BAD = '{"city": "Oslo"}', '{"town": "Oslo"}'
OBJECT = {"type": "json_object"}


def endless(title: str = "") -> dict[str, Any]:
    """A format whose check takes years."""
    twice = {f"a{n}": {"anyOf": 2 * [{"$ref": f"#/$defs/a{n + 1}"}]} for n in range(60)}
    schema = {"$ref": "#/$defs/a0", "title": title, "$defs": {**twice, "a60": {"type": "string"}}}
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}


async def test_an_answer_that_fits_is_completed_at_once(world: World) -> None:
    model = world.script(says(GOOD))
    history = await world.finished(response_format=FORMAT)
    assert history.run.status is Status.COMPLETED
    assert [turn.problem for turn in history.turns] == [None]
    assert len(model.requests) == 1


async def test_an_answer_that_does_not_fit_is_closed_as_incomplete_and_asked_for_again(world: World) -> None:
    world.script(says(BAD), says("Oslo!"), says(GOOD))
    run = await world.start(response_format=FORMAT)
    events = await world.listen(run)
    assert [(m.text, m.status, m.reason) for m in (await world.messages())[1:]] == [
        (BAD, "incomplete", "run_failed"),
        ("Oslo!", "incomplete", "run_failed"),
        (GOOD, "completed", None),
    ]
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert [step.status for step in history.steps] == ["failed", "failed", "completed"]
    told = [name for name in names(events) if name.startswith("thread.message") and not name.endswith("delta")]
    opened = ["thread.message.created", "thread.message.in_progress"]
    assert told == 2 * [*opened, "thread.message.incomplete"] + [*opened, "thread.message.completed"]
    check_numbers(events)


async def test_the_problem_names_the_place_and_the_rule(world: World) -> None:
    world.script(says('{"city": 7}'), says(GOOD))
    history = await world.finished(response_format=FORMAT)
    assert history.turns[0].problem == (
        'The answer does not fit the schema: at $/city the value is not of type "string" (rule $/properties/city/type).'
    )


async def test_the_model_is_shown_its_answer_and_what_is_wrong_with_it(world: World) -> None:
    model = world.script(says(BAD), says(GOOD))
    history = await world.finished(response_format=FORMAT)
    question, answer, wish = model.requests[1].messages
    assert [question["content"], answer] == ["Hi!", {"role": "assistant", "content": BAD}]
    assert wish["role"] == "user"
    assert str(history.turns[0].problem) in wish["content"]


async def test_later_runs_are_not_told_of_a_correction(world: World) -> None:
    model = world.script(says(BAD), says(GOOD), says("Fine."))
    await world.finished(response_format=FORMAT)
    await world.say("Thanks.")
    await world.finished()
    assert [message["content"] for message in model.requests[2].messages] == ["Hi!", GOOD, "Thanks."]


async def test_the_third_answer_that_does_not_fit_fails_the_run_with_the_reason(world: World) -> None:
    model = world.script(says(BAD))
    history = await world.finished(response_format=FORMAT)
    assert history.run.status is Status.FAILED
    assert history.run.error is not None
    assert history.run.error.code == "server_error"
    assert history.run.error.message.startswith(str(history.turns[-1].problem))
    assert len(model.requests) == 3
    assert history.run.usage == Usage(prompt=30, completion=15)


async def test_each_step_reports_its_own_tokens(world: World) -> None:
    world.script(says(BAD), says(GOOD))
    history = await world.finished(response_format=FORMAT)
    spent = [step.usage for step in history.steps]
    assert spent == [Usage(prompt=10, completion=5)] * 2


@pytest.mark.parametrize("answer", ["Oslo", "", "[1]", '"city"', "NaN", '{"a": 1} and more', "[" * 9999 + "]" * 9999])
async def test_json_object_takes_objects_alone(world: World, answer: str) -> None:
    world.script(says(answer) if answer else (done(),), says("{}"))
    history = await world.finished(response_format=OBJECT)
    assert [turn.problem is None for turn in history.turns] == [False, True]


@pytest.mark.parametrize("format_", [None, "auto", {"type": "text"}])
async def test_other_formats_ask_nothing_of_an_answer(world: World, format_: Any) -> None:
    world.script(says("Oslo!"))
    assert (await world.finished(response_format=format_)).run.status is Status.COMPLETED


async def test_what_was_cut_by_a_token_limit_is_incomplete_and_not_asked_for_again(world: World) -> None:
    model = world.script(says('{"city": "Os', finish="length"))
    history = await world.finished(response_format=FORMAT)
    assert history.run.status is Status.INCOMPLETE
    assert [(await world.messages())[-1].reason, len(model.requests)] == ["max_tokens", 1]


async def test_a_refusal_is_an_answer(world: World) -> None:
    finished = Finished(reason="stop", model="scripted", usage=Usage(), refused=True)
    model = world.script((TextPiece("I can't help with that."), finished))
    history = await world.finished(response_format=FORMAT)
    assert [history.run.status, len(model.requests)] == [Status.COMPLETED, 1]


async def test_tool_calls_are_not_checked_and_the_answer_after_them_is(world: World) -> None:
    world.script(calls(("a", "{}")), says(BAD), says(GOOD))
    run = await world.start(response_format=FORMAT)
    first = await world.listen(run)
    history = await world.submit(run, a="1")
    second = await world.listen(run, after=history.run.first_number - 1)
    ended = await world.history(run)
    assert [turn.problem is None for turn in ended.turns] == [True, False, True]
    assert stream([*first, *second]) == replayed(ended)


async def test_tools_may_be_called_in_place_of_a_better_answer(world: World) -> None:
    model = world.script(says(BAD), calls(("a", "{}")), says(GOOD))
    run = await world.start(response_format=FORMAT)
    await world.listen(run)
    await world.submit(run, a="1")
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.COMPLETED
    assert [message["role"] for message in model.requests[2].messages] == ["user", "assistant", "tool"]


async def test_a_listener_that_comes_back_amid_the_retry_hears_all_of_it(world: World) -> None:
    gate = Gate()
    world.script(says('{"town": ', '"Oslo"}'), says('{"city": ', gate, '"Oslo"}'))
    run = await world.start(response_format=FORMAT)
    early = asyncio.create_task(world.listen(run))
    await gate.reached.wait()
    late = asyncio.create_task(world.listen(run))
    gate.go.set()
    whole = await early
    assert await late == whole
    assert stream(whole) == replayed(await world.history(run))
    for event in whole:
        rest = events_after(whole, event.number)
        assert stream(await world.listen(run, after=event.number)) == stream(rest)


async def test_a_kill_between_answer_and_correction_counts_the_answer_once(world: World) -> None:
    gate = Gate()
    model = world.script(says(BAD), says('{"ci', gate), says(BAD), says(BAD), says(GOOD))
    run = await world.start(response_format=FORMAT)
    await gate.reached.wait()
    await world.tap.flush()
    assert await world.new_engine().start() == 1
    events = await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.FAILED
    assert [turn.problem is None for turn in history.turns] == [False, False, False]
    assert len(model.requests) == 4, "the call that was killed amid its answer is no answer"
    corrected = [request.messages[1]["content"] for request in model.requests[1:]]
    assert corrected == [BAD, BAD, BAD]
    check_numbers(events)


async def test_a_kill_before_the_answer_was_stored_counts_nothing(world: World) -> None:
    gate = Gate()
    world.script(says(BAD, gate), says(BAD), says(BAD), says(GOOD))
    run = await world.start(response_format=FORMAT)
    await gate.reached.wait()
    await world.tap.flush()
    await world.new_engine().start()
    await world.listen(run)
    history = await world.history(run)
    assert [turn.problem is None for turn in history.turns] == [False, False, True]


async def test_a_cancel_amid_the_retry_ends_the_run(world: World) -> None:
    gate = Gate()
    world.script(says(BAD), says("{", gate))
    run = await world.start(response_format=FORMAT)
    await gate.reached.wait()
    await world.cancel(run)
    await driven(run)
    assert (await world.history(run)).run.status is Status.CANCELLED
    assert [m.reason for m in (await world.messages())[1:]] == ["run_failed", "run_cancelled"]


async def test_limits_of_tokens_hold_over_corrections(world: World) -> None:
    model = world.script(says(BAD, usage=Usage(prompt=10, completion=60)))
    history = await world.finished(response_format=FORMAT, max_completion_tokens=100)
    assert [history.run.status, history.run.incomplete] == [Status.INCOMPLETE, "max_completion_tokens"]
    assert len(model.requests) == 2


async def test_an_unsound_schema_is_refused_for_assistants_and_runs(world: World) -> None:
    unsound = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "objekt"}}}
    with pytest.raises(InvalidRequest) as of_run:
        await world.start(response_format=unsound)
    draft = world.assistant
    with pytest.raises(InvalidRequest) as of_assistant:
        await assistants.modify(
            world.engine,
            world.caller,
            draft.id,
            lambda stored: type(stored)(id=stored.id, created_at=0, model="m", response_format=unsound),
        )
    assert {of_run.value.param, of_assistant.value.param} == {"response_format.json_schema.schema"}
    assert "objekt" not in of_run.value.message or "type" in of_run.value.message


async def test_a_schema_that_takes_too_long_fails_the_run_at_once(world: World) -> None:
    model = world.script(says("1"))
    history = await world.finished(response_format=endless())
    assert history.run.status is Status.FAILED
    assert history.run.error is not None
    assert history.run.error.message == (
        "The answer can't be held against the schema of response_format: checking it takes too long: make it simpler."
    )
    assert [turn.problem for turn in history.turns] == [history.run.error.message]
    assert len(model.requests) == 1, "another answer would not help"


async def test_a_cancel_amid_the_check_ends_the_run(world: World) -> None:
    checker = world.engine.answers._schemas = SchemaChecker(patience_s=60)
    world.script(says("1", usage=Usage(prompt=10, completion=1)))
    run = await world.start(response_format=endless())
    while not checker._asked:
        await asyncio.sleep(0)
    await world.cancel(run)
    await driven(run)
    history = await world.history(run)
    assert history.run.status is Status.CANCELLED
    assert history.usage.total == 11, "the model was done"
    assert stream(await world.listen(run)) == replayed(history)


async def test_one_projects_slow_schemas_do_not_hold_up_another_project() -> None:
    answers = Answers()
    answers._schemas = SchemaChecker(patience_s=0.3)
    done = Finished(reason="stop", model="m")
    slow = [asyncio.create_task(answers.problem_of("1", done, endless(str(n)), project="theirs")) for n in range(8)]
    await asyncio.sleep(0)
    assert await answers.problem_of(GOOD, done, FORMAT, project="ours") is None
    assert not all(task.done() for task in slow)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    await answers.close()
