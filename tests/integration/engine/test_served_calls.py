"""Functions that the server runs itself: what the run, its listeners, its model and its records get of them."""

import asyncio
import contextlib

import pytest
from msgspec import structs

from engine.scripted import Gate, calls, says
from engine.world import PROJECT, World, check_numbers, names, replayed, stream
from retinue.core.caller import Caller
from retinue.core.errors import InvalidRequest, StoreFull
from retinue.core.execution import Execution
from retinue.core.history import History
from retinue.core.item import Hit
from retinue.core.run import Status
from retinue.core.thread import Thread
from retinue.core.tools import FunctionTool, RankingOptions
from retinue.engine.commands import runs, threads
from retinue.engine.tool_round import PARALLEL_CALLS
from retinue.tools import ToolResult


async def test_a_step_of_server_calls_alone_ends_within_the_one_stretch_of_its_run(world: World) -> None:
    world.serve("a", "b")
    world.script(calls(("a", '{"x": 1}'), ("b", "{}")), says("Done."))
    run = await world.start()
    events = await world.listen(run)
    told = names(events)
    assert [name for name in told if "delta" not in name] == [
        "thread.run.created",
        "thread.run.queued",
        "thread.run.in_progress",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.run.step.completed",
        "thread.run.step.created",
        "thread.run.step.in_progress",
        "thread.message.created",
        "thread.message.in_progress",
        "thread.message.completed",
        "thread.run.step.completed",
        "thread.run.completed",
    ]
    check_numbers(events)
    assert stream(events) == replayed(await world.history(run))
    assert '"output":"get_a({\\"x\\": 1}) is done"' in stream(events)


async def test_the_model_reads_what_the_calls_came_to(world: World) -> None:
    world.serve("a", "b")
    model = world.script(calls(("a", "{}"), ("b", "{}")), says("Done."))
    await world.finished()
    outputs = [message for message in model.requests[1].messages if message["role"] == "tool"]
    assert [(output["tool_call_id"], output["content"]) for output in outputs] == [
        ("call_a", "get_a({}) is done"),
        ("call_b", "get_b({}) is done"),
    ]


async def test_in_a_mixed_turn_the_servers_calls_finish_first_and_the_client_is_asked_for_its_own(
    world: World,
) -> None:
    gate = Gate()
    world.serve("b").will("get_b", gate)
    world.script(calls(("a", "{}"), ("b", "{}"), ("c", "{}")), says("Done."))
    run = await world.start()
    await gate.reached.wait()
    assert (await world.history(run)).run.status is Status.IN_PROGRESS
    gate.go.set()
    first = await world.listen(run)
    assert names(first)[-1] == "thread.run.requires_action"
    history = await world.history(run)
    assert [call.call_id for call in history.run.pending] == ["call_a", "call_c"]
    assert [output.call_id for output in history.outputs_of(history.steps[0])] == ["call_b"]
    await world.submit(run, a="1", c="3")
    second = await world.listen(run, after=first[-1].number)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    outputs = [output.output for output in history.outputs_of(history.steps[0])]
    assert outputs == ["1", "get_b({}) is done", "3"]
    assert stream([*first, *second]) == replayed(history)
    check_numbers([*first, *second])


async def test_the_client_can_not_answer_for_the_server(world: World) -> None:
    world.serve("b")
    world.script(calls(("a", "{}"), ("b", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    with pytest.raises(InvalidRequest, match=r"^Expected tool outputs for call_ids \['call_a'\], got \['call_a', 'ca"):
        await world.submit(run, a="1", b="2")


async def test_calls_run_side_by_side_but_only_so_many(world: World) -> None:
    many = PARALLEL_CALLS + 3
    gates = [Gate() for _ in range(many)]
    world.tools.serves = tuple(f"get_{n}" for n in range(many))
    for n, gate in enumerate(gates):
        world.tools.will(f"get_{n}", gate)
    world.script(calls(*((str(n), "{}") for n in range(many))), says("Done."))
    run = await world.start(tools=tuple(FunctionTool(name=f"get_{n}") for n in range(many)))
    for gate in gates[:PARALLEL_CALLS]:
        await gate.reached.wait()
    assert world.tools.most_under_way == PARALLEL_CALLS
    gates[3].go.set()
    await gates[PARALLEL_CALLS].reached.wait()
    for gate in gates:
        gate.go.set()
    await world.listen(run)
    history = await world.history(run)
    assert history.run.status is Status.COMPLETED
    assert world.tools.most_under_way == PARALLEL_CALLS
    assert [len(world.tools.effects), len(history.executions)] == [many, many]


async def test_a_start_is_stored_before_anything_runs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, holding = asyncio.Event(), contextlib.ExitStack()

    def hold_the_writer(_: str) -> bool:
        """What the driver asks just before it stores the start."""
        holding.enter_context(world.tap.held())
        asked.set()
        return False

    monkeypatch.setattr(world.serve("a"), "idempotent", hold_the_writer)
    world.script(calls(("a", "{}")), says("Done."))
    run = await world.start()
    with holding:
        await asked.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        assert world.tools.effects == []
    await world.listen(run)
    assert len(world.tools.effects) == 1


async def test_an_outcome_is_stored_as_it_comes_and_not_with_the_slowest(world: World) -> None:
    slow, quick = Gate(), Gate()
    tools = world.serve("a", "b")
    tools.will("get_a", slow)
    tools.will("get_b", quick)
    world.script(calls(("a", "{}"), ("b", "{}")), says("Done."))
    run = await world.start()
    await quick.reached.wait()
    quick.go.set()
    while not (history := await world.history(run)).outputs_of(history.steps[0]):
        await world.tap.flush()
    assert outcomes(history) == {"get_a": "running", "get_b": "done"}
    slow.go.set()
    await world.listen(run)


async def test_a_record_tells_what_was_called_when_and_what_came_of_it(world: World) -> None:
    failed = ToolResult(output="There is no x.", outcome="failed", error="There is no x.", attempts=3)
    world.serve("a").will("get_a", failed)
    world.script(calls(("a", '{"x": 1}')), says("Done."))
    history = await world.finished()
    (call,) = history.calls_of(history.steps[0])
    assert history.executions == (
        Execution(
            run_id=history.run.id,
            step_id=history.steps[0].id,
            call_id="call_a",
            name="get_a",
            arguments='{"x": 1}',
            idempotent=False,
            key=f"{history.run.id}:{call.id}",
            fence=1,
            started_at=world.clock.now,
            outcome="failed",
            ended_at=world.clock.now,
            attempts=3,
            error="There is no x.",
        ),
    )


async def test_the_record_goes_with_the_thread(world: World) -> None:
    world.serve("a")
    world.script(calls(("a", "{}")), says("Done."))
    await world.finished()
    await threads.delete(world.engine, world.caller, world.thread.id)

    async def count(tx: object) -> int:
        return int((await tx.one("SELECT count(*) FROM executions"))[0])  # type: ignore[attr-defined]

    assert await world.tap.read(count) == 0


async def test_a_run_keeps_the_servers_declaration_of_what_the_server_runs(world: World) -> None:
    world.serve("b")
    run = await world.start()
    assert run.spec.served == ("get_b",)
    assert [tool.description for tool in run.spec.tools if isinstance(tool, FunctionTool)] == [
        None,
        "The server's own get_b.",
        None,
    ]
    assert world.tools.asked == [(PROJECT, world.assistant.id, ("get_a", "get_b", "get_c"))]
    await world.listen(run)


async def test_functions_that_a_run_declares_for_itself_are_served_too(world: World) -> None:
    world.serve("mine")
    world.script(calls(("mine", "{}")), says("Done."))
    history = await world.finished(tools=(FunctionTool(name="get_mine"),))
    assert history.run.status is Status.COMPLETED
    assert history.run.spec.tools == (world.tools.declaration("get_mine"),)


async def test_a_name_that_the_model_makes_up_is_the_clients_to_answer(world: World) -> None:
    world.tools.serves = ("get_secret",)
    world.script(calls(("secret", "{}")), says("Done."))
    run = await world.start()
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.REQUIRES_ACTION
    assert world.tools.effects == []


async def test_a_function_is_told_for_whom_and_within_what_it_is_called(world: World) -> None:
    world.serve("a")
    world.script(calls(("a", "{}")), says("Done."))
    caller = Caller(project=PROJECT, user="ann")
    request = runs.RunRequest(assistant_id=world.assistant.id)
    run = await runs.create(world.engine, caller, world.thread.id, request)
    await world.listen(run)
    (context,) = world.tools.effects
    assert (context.project, context.user, context.assistant_id) == (PROJECT, "ann", world.assistant.id)
    assert (context.thread_id, context.run_id, context.call_id) == (world.thread.id, run.id, "call_a")


async def test_the_threads_user_is_told_where_the_caller_names_none(world: World) -> None:
    def bobs(thread: Thread) -> Thread:
        return structs.replace(thread, metadata={"user_id": "bob"})

    await threads.modify(world.engine, world.caller, world.thread.id, bobs)
    world.serve("a")
    world.script(calls(("a", "{}")), says("Done."))
    await world.finished()
    assert [context.user for context in world.tools.effects] == ["bob"]


async def test_the_cap_on_model_calls_holds_for_server_calls_too(world: World) -> None:
    world.serve("a")
    world.script(calls(("a", "{}")))
    history = await world.finished()
    assert history.run.status is Status.FAILED
    assert len(world.tools.effects) == world.limits.max_turns
    assert len({context.key for context in world.tools.effects}) == world.limits.max_turns


async def test_a_toolbox_that_breaks_its_word_fails_the_run_and_no_other(world: World) -> None:
    world.serve("a").will("get_a", RuntimeError("It promised not to."))
    world.script(calls(("a", "{}")), says("Done."))
    history = await world.finished()
    assert history.run.status is Status.FAILED
    assert outcomes(history) == {"get_a": "unknown"}
    assert (await world.finished()).run.status is Status.COMPLETED


async def test_a_function_that_cancels_itself_does_not_take_the_run_along(world: World) -> None:
    world.serve("a").will("get_a", asyncio.CancelledError())
    world.script(calls(("a", "{}")), says("Done."))
    history = await world.finished()
    assert history.run.status is Status.COMPLETED
    assert outcomes(history) == {"get_a": "unknown"}


async def test_a_plain_run_awaits_no_more_writes_than_without_tools(world: World) -> None:
    world.serve("a")
    world.tap.counting = True
    await world.finished()
    assert world.tap.awaited == 2


def outcomes(history: History) -> dict[str, str]:
    return {execution.name: execution.outcome for execution in history.executions}


async def test_an_output_that_the_disk_does_not_take_fails_its_own_call_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object, **__: object) -> None:
        raise StoreFull("The disk is full.")

    monkeypatch.setattr(world.engine.blobs, "put", full)
    toolbox = world.serve("a", "b")
    hit = Hit(file_id="file-1", file_name="a.txt", score=1.0, marker="【0:0†source】", start=299_000, end=299_100)
    found = ToolResult(output="x" * 300_000, hits=(hit,), ranking=RankingOptions(score_threshold=0.0), attempts=2)
    toolbox.will("get_a", found)
    world.script(calls(("a", "{}"), ("b", "{}")), says("Done."))
    history = await world.finished()
    assert history.run.status is Status.COMPLETED
    assert {(of.name, of.outcome) for of in history.executions} == {("get_a", "failed"), ("get_b", "done")}
    [output, _] = history.outputs_of(history.steps[0])
    assert output.output.startswith("The function has run, but its output could not be stored")
    assert (output.hits, output.ranking) == ((), None)
    assert max(execution.attempts for execution in history.executions) == 2
