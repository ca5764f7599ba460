"""Runs whose model runs code: what clients see of it, live and told again, and what the model reads."""

import asyncio
from typing import Any

from msgspec import structs
from openai.lib.streaming._assistants import accumulate_event, accumulate_run_step
from openai.types.beta.assistant_stream_event import AssistantStreamEvent
from openai.types.beta.threads.runs import RunStep
from pydantic import TypeAdapter

from contract.sse import Event as SentEvent
from contract.sse import parse
from contract.stream_order import check_stream
from engine.coding import DRAWN, install, runs_code, with_code
from engine.scripted import Gate, calls, done, says
from engine.world import World, check_numbers, driven, replayed, stream
from retinue.api.assistants.events import DONE, frames
from retinue.api.assistants.form import V1
from retinue.core.assistant import Assistant
from retinue.core.citations import shown
from retinue.core.events import CallDelta, CallEnded, Cited, Event, ImageShown, StepEnded, TextDeltas
from retinue.core.file import File
from retinue.core.item import Attachment, ImageFile, Message, Text
from retinue.core.replay import replay
from retinue.core.run import Run, Status
from retinue.core.step import RunError
from retinue.core.tools import NamedTool, ToolResources
from retinue.engine.commands import assistants
from retinue.models import CallPiece
from retinue.tools import ToolResult

LINK = "sandbox:/mnt/data/sales%201.csv"
ANSWER = says("It is 42. See [the sa", "les](sandbox:/mnt/", "data/sales%201", ".csv)", ".")
CHART = ImageFile(file_id="file-chart")


def sent(events: list[Event]) -> list[SentEvent]:
    return [*parse((stream(events) + DONE.decode()).splitlines())]


async def told(world: World, run: Run) -> list[Event]:
    """The run's events, held against the contract, in both generations, and against what a replay tells."""
    events = await world.listen(run)
    history = await world.history(run)
    assert stream(events) == replayed(history)
    check_stream(sent(events))
    old = frames(events, V1) + DONE
    check_stream(parse(old.decode().splitlines()), generation="v1")
    check_numbers(events)
    return events


async def last(world: World) -> Message:
    return (await world.messages())[-1]


async def test_code_is_told_as_it_is_written_and_what_it_came_to_when_it_has_ended(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("print(42)"), ANSWER)
    events = await told(world, await world.start())
    pieces = [event.arguments for event in events if isinstance(event, CallDelta)]
    assert (len(pieces) > 1, "".join(pieces)) == (True, "print(42)")
    (ended,) = (event for event in events if isinstance(event, CallEnded))
    assert (ended.output.output, ended.output.charts) == ("42\n", ("file-chart",))
    step = next(event for event in sent(events) if event.name == "thread.run.step.completed").data
    assert step["step_details"]["tool_calls"][0]["code_interpreter"] == {
        "input": "print(42)",
        "outputs": [{"type": "logs", "logs": "42\n"}, {"type": "image", "image": {"file_id": "file-chart"}}],
    }


async def test_charts_stand_before_the_answer_that_brings_what_was_written_and_links_it(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("print(42)"), ANSWER)
    events = await told(world, await world.start())
    message = await last(world)
    image, text = message.content
    assert image == CHART
    assert isinstance(text, Text)
    assert text.value == f"It is 42. See [the sales]({LINK})."
    (link,) = text.annotations
    assert (link.kind, link.file_id, text.value[link.start : link.end]) == ("file_path", "file-csv", LINK)
    assert shown(text)[0] == text.value
    assert message.attachments == (Attachment(file_id="file-csv", tools=("code_interpreter",)),)
    assert [event.part for event in events if isinstance(event, ImageShown)] == [0]
    assert {event.part for event in events if isinstance(event, TextDeltas | Cited)} == {1}


async def test_an_official_client_puts_the_stream_together(world: World) -> None:
    await with_code(world, DRAWN, ToolResult(output=""))
    world.script(runs_code("print(42)", "1;"), ANSWER)
    events = sent(await told(world, await world.start()))
    read: TypeAdapter[AssistantStreamEvent] = TypeAdapter(AssistantStreamEvent)
    message: Any = None
    steps: dict[str, RunStep] = {}
    for event in (read.validate_python({"event": e.name, "data": e.data}) for e in events if e.name != "done"):
        if event.event == "thread.run.step.completed" and event.data.type == "tool_calls":
            gathered = steps[event.data.id].step_details
            assert _without_places(gathered.to_dict()) == event.data.step_details.to_dict()
        elif event.event == "thread.message.completed":
            assert _without_places(message.to_dict())["content"] == event.data.to_dict()["content"]
        elif event.event.startswith("thread.message"):
            message, _ = accumulate_event(event=event, current_message_snapshot=message)
        accumulate_run_step(event=event, run_step_snapshots=steps)


def _without_places(value: Any) -> Any:
    """What a client has gathered, without the indexes by which it did."""
    if isinstance(value, list):
        return [_without_places(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_places(inner) for key, inner in value.items() if key != "index"}
    return value


async def test_the_model_reads_what_its_code_printed_drew_and_wrote(world: World) -> None:
    await with_code(world, DRAWN, ToolResult(output=""))
    world.script(runs_code("print(42)"), runs_code("1;"), ANSWER)
    await told(world, await world.start())
    first, second = (said["content"] for said in world.model.requests[-1].messages if said["role"] == "tool")
    assert first == (
        "42\n\nbig.bin was not kept.\n[Shown to the user: 1 chart]\n"
        "[Written, to be linked: sandbox:/mnt/data/sales%201.csv]"
    )
    assert second == "(no output)"
    await world.say("And now?")
    world.script(says("Well."))
    await told(world, await world.start())
    answer = next(said for said in reversed(world.model.requests[-1].messages) if said["role"] == "assistant")
    assert answer["content"] == f"[image shown to the user: file-chart]\nIt is 42. See [the sales]({LINK})."


async def test_later_answers_link_what_was_written_before_and_show_no_chart_again(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("print(42)"), ANSWER)
    await told(world, await world.start())
    await world.say("Again?")
    world.script(ANSWER)
    await told(world, await world.start())
    message = await last(world)
    (text,) = message.content
    assert isinstance(text, Text)
    assert ([mark.file_id for mark in text.annotations], message.attachments) == (["file-csv"], ())


async def test_calls_that_end_in_another_order_are_told_as_they_end(world: World) -> None:
    interpreter = await with_code(world, *(ToolResult(output=name, charts=(f"file-{name}",)) for name in "abc"))
    gates = {f"call_{index}": Gate() for index in range(3)}
    interpreter.gates = gates
    world.script(runs_code("a", "b", "c"), says("Done."))
    run = await world.start()
    listening = asyncio.create_task(told(world, run))
    for gate in gates.values():
        await gate.reached.wait()
    for name in ("call_2", "call_0", "call_1"):
        gates[name].go.set()
        async for batch in world.engine.listen(world.scope, run.id):
            if any(isinstance(event, CallEnded) and event.output.call_id == name for event in batch):
                break
    events = await listening
    assert [event.index for event in events if isinstance(event, CallEnded)] == [2, 0, 1]
    assert (await last(world)).content == (*(ImageFile(file_id=f"file-{name}") for name in "abc"), Text("Done."))


async def test_code_and_a_function_of_the_clients_in_one_turn(world: World) -> None:
    await with_code(world, DRAWN)
    code = runs_code("print(42)")[:-1]
    call = [structs.replace(p, index=1) for p in calls(("a", "{}"))[:-1] if isinstance(p, CallPiece)]
    world.script((*code, *call, done("tool_calls")), ANSWER)
    run = await world.start()
    first = await world.listen(run)
    submitted = await world.submit(run, a="1")
    second = await world.listen(run, after=submitted.run.first_number - 1)
    assert stream(first) + stream(second) == replayed(await world.history(run))
    check_stream(sent(first), sent(second))
    check_numbers([*first, *second])
    assert (await last(world)).content[0] == CHART


async def test_code_that_was_broken_off_is_given_up_under_a_number_of_its_own(world: World) -> None:
    interpreter = await with_code(world, DRAWN)
    gate = interpreter.gates["call_0"] = Gate()
    world.script(runs_code("while True: pass"), ANSWER)
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    events = await told(world, run)
    (ended,) = (event for event in events if isinstance(event, CallEnded))
    assert ended.output.output.startswith("'code_interpreter' was broken off")
    assert (await world.history(run)).run.status is Status.CANCELLED


async def test_what_a_driver_left_is_told_under_the_next_ones_numbers(world: World) -> None:
    interpreter = await with_code(world, DRAWN, DRAWN)
    gate = interpreter.gates["call_0"] = Gate()
    world.script(runs_code("print(42)"), says("Sorry."))
    run = await world.start()
    await gate.reached.wait()
    install_in = world.new_engine()
    install(world, interpreter)
    await install_in.start()
    events = await world.listen(run)
    history = await world.history(run)
    assert stream(events) == stream([e for e in replay(history) if e.number >= events[0].number])
    (ended,) = (event for event in events if isinstance(event, CallEnded))
    assert ended.number >= history.run.first_number
    assert history.run.status is Status.COMPLETED
    assert len(interpreter.ran) == 1
    check_numbers(replay(history))


async def test_a_cancel_amid_the_code_keeps_what_was_written_of_it(world: World) -> None:
    interpreter = await with_code(world)
    gate = Gate()
    piece = CallPiece(index=0, id="call_0", name="code_interpreter", arguments='{"code": "print(\\u00e9')
    world.script((piece, CallPiece(index=0, arguments="\\ud83d"), gate, done("tool_calls")))
    run = await world.start()
    await gate.reached.wait()
    await world.cancel(run)
    events = await told(world, run)
    assert "".join(event.arguments for event in events if isinstance(event, CallDelta)) == "print(é\ufffd"
    assert interpreter.ran == []


async def test_a_call_that_the_server_cannot_run_fails_the_run_and_keeps_its_output(world: World) -> None:
    error = RunError(code="server_error", message="There is no sandbox here.")
    await with_code(world, ToolResult(output="No sandbox.", outcome="failed", error="No sandbox.", ends_run=error))
    world.script(runs_code("1"), ANSWER)
    run = await world.start()
    events = await told(world, run)
    history = await world.history(run)
    assert (history.run.status, history.run.error) == (Status.FAILED, error)
    (ended,) = (event for event in events if isinstance(event, StepEnded))
    assert (ended.step.status, ended.step.error, [output.output for output in ended.outputs]) == (
        "failed",
        error,
        ["No sandbox."],
    )
    assert len(world.model.requests) == 1


async def test_a_server_without_the_tool_says_so(world: World) -> None:
    await with_code(world)
    world.engine._hosted = {kind: tool for kind, tool in world.engine._hosted.items() if kind != "code_interpreter"}
    world.script(runs_code("1"), ANSWER)
    run = await world.start()
    await told(world, run)
    error = (await world.history(run)).run.error
    assert error is not None
    assert error.message == "This server has no code interpreter."


async def test_the_tool_is_offered_and_can_be_forced_for_the_first_turn(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("1"), ANSWER)
    await told(world, await world.start(tool_choice=NamedTool(type="code_interpreter")))
    first, second = world.model.requests
    assert [tool["function"]["name"] for tool in first.tools][-1] == "code_interpreter"
    assert first.tool_choice == {"type": "function", "function": {"name": "code_interpreter"}}
    assert second.tool_choice == "auto"


async def test_charts_without_a_word_are_an_answer(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("1"), says())
    await told(world, await world.start())
    assert (await last(world)).content == (CHART,)


async def test_an_answer_that_is_rejected_shows_its_charts_again_when_it_is_corrected(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("1"), says("no JSON"), says('{"link": "sandbox:/mnt/data/sales%201.csv"}'))
    run = await world.start(response_format={"type": "json_object"})
    await world.listen(run)
    first, second = (await world.messages())[-2:]
    assert (first.content[0], second.content[0]) == (CHART, CHART)
    assert second.attachments
    assert isinstance(text := second.content[1], Text)
    assert not text.annotations


async def test_a_message_is_read_with_its_charts_while_it_is_said(world: World) -> None:
    await with_code(world, DRAWN)
    gate = Gate()
    world.script(runs_code("1"), says("So", gate, " far."))
    run = await world.start()
    await gate.reached.wait()
    message = world.engine.as_said(world.scope, await last(world))
    assert message.content == (CHART, Text("So"))
    gate.go.set()
    await told(world, run)


async def test_a_listener_that_comes_back_misses_nothing(world: World) -> None:
    await with_code(world, DRAWN)
    world.script(runs_code("print(42)"), ANSWER)
    run = await world.start()
    events = await told(world, run)
    await driven(run)
    for event in events:
        again = await world.listen(run, after=event.number)
        assert stream(again) == stream([e for e in events if e.number > event.number])


async def test_the_model_is_told_which_files_its_code_is_given(world: World) -> None:
    for id_, name in (("file-1", "sales.csv"), ("file-2", "a'b.txt"), ("file-3", "sales.csv")):
        file = File(id=id_, created_at=0, name=name, purpose="assistants", size=1, sha256="", blob=id_)
        await world.scope.files.insert(file)
    await with_code(world, DRAWN)
    await give(world, "file-1", "file-2", "file-3")
    world.script(says("Hello."))
    run = await world.start()
    await told(world, run)
    system = world.model.requests[-1].messages[0]
    assert system["content"] == (
        "Files that the user has given for your code lie in /mnt/data: 'sales.csv', \"a'b.txt\", 'file-3-sales.csv'."
    )
    assert (await world.history(run)).turns[0].manifest.notes == (
        "3 files were told to the model as given to its code.",
    )


async def give(world: World, *ids: str) -> None:
    def change(assistant: Assistant) -> Assistant:
        return structs.replace(assistant, tool_resources=ToolResources(code_interpreter=ids))

    world.assistant = await assistants.modify(world.engine, world.caller, world.assistant.id, change)
