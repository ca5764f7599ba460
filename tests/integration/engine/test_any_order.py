"""Whatever a model says, and whatever happens meanwhile: the stream is told again exactly, and the end is legal."""

import asyncio
import contextlib
import itertools
import json
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import structlog.testing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.scripted import Gate, Part, Reply, done
from engine.world import World, check_numbers, driven, replayed, stream
from retinue.core.errors import Locked, ModelFault, RetinueError
from retinue.core.events import Event, RunChanged, StepEnded, StepStarted
from retinue.core.history import History
from retinue.core.job import EXPIRE_RUN
from retinue.core.replay import replay
from retinue.core.run import LEGAL, Run, Status
from retinue.core.tools import FunctionTool
from retinue.core.turn import Finish
from retinue.core.usage import Usage
from retinue.models import CallPiece, TextPiece

DECLARED = tuple(FunctionTool(name=f"get_{index}") for index in range(3))
SERVED = ("get_1", "get_2")
REPEATABLE = "get_2"
EXAMPLES = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=6)
batches = st.lists(st.integers(1, 6), min_size=1, max_size=3)
usages = st.builds(Usage, prompt=st.integers(0, 50), completion=st.integers(0, 50), cached=st.integers(0, 5))
arguments = st.dictionaries(texts, st.one_of(st.integers(), texts, st.booleans()), max_size=2).map(json.dumps)


@st.composite
def call_pieces(draw: st.DrawFn, index: int) -> list[CallPiece]:
    """One call, its arguments cut anywhere."""
    text = draw(arguments)
    places = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=3)))
    cuts = [0, *places, len(text)]
    pieces = [text[a:b] for a, b in itertools.pairwise(cuts) if a < b]
    id_ = draw(st.sampled_from([f"call_{index}", "call_same", None, ""]))
    first = CallPiece(index=index, id=id_, name=f"get_{index}", arguments=draw(st.sampled_from([""])))
    return [first, *(CallPiece(index=index, arguments=piece) for piece in pieces)]


@st.composite
def said(draw: st.DrawFn) -> tuple[list[TextPiece | CallPiece], bool]:
    """Text, calls whose pieces come in any order between them, and text among those; whether there are calls."""
    before = [TextPiece(text) for text in draw(st.lists(texts, max_size=3))]
    queues = [draw(call_pieces(index)) for index in range(draw(st.integers(0, 3)))]
    after = [TextPiece(text) for text in draw(st.lists(texts, max_size=2))] if queues else []
    mixed: list[TextPiece | CallPiece] = []
    begun = 0
    while any(queues) or after:
        ready = [queue for queue in queues[: begun + 1] if queue]  # a call begins after those before it began
        choice = draw(st.integers(0, len(ready) - (0 if after and begun else 1)))
        if choice < len(ready):
            begun = max(begun, queues.index(ready[choice]) + 1)
            mixed.append(ready[choice].pop(0))
        else:
            mixed.append(after.pop(0))
    return [*before, *mixed], bool(queues)


@st.composite
def replies(draw: st.DrawFn) -> Reply:
    pieces, called = draw(said())
    finish: Finish = "tool_calls" if called else "stop"
    return (*pieces, done(draw(st.sampled_from([finish, finish, "length", "content_filter"])), draw(usages)))


@EXAMPLES
@given(st.lists(replies(), min_size=1, max_size=3), batches)
def test_the_replay_of_a_finished_run_is_its_stream(script: list[Reply], at_once: list[int]) -> None:
    async def check() -> None:
        async with opened(script) as world:
            world.model.at_once = at_once
            run = await world.start(tools=DECLARED)
            events = await world.listen(run)
            while (history := await world.history(run)).run.status is Status.REQUIRES_ACTION:
                history = await answer(world, history)
                events += await world.listen(run, after=history.run.first_number - 1)
            assert stream(events) == replayed(history)
            check_run(history, events)
            check_calls(world, history)

    asyncio.run(check())


@EXAMPLES
@given(replies(), batches)
def test_however_a_reply_comes_in_batches_it_is_stored_and_told_the_same(reply: Reply, at_once: list[int]) -> None:
    async def told(sizes: list[int]) -> str:
        async with opened([reply]) as world:
            world.model.at_once = sizes
            run = await world.start(tools=DECLARED)
            whole = stream(await world.listen(run))
            assert whole == replayed(await world.history(run))
            return with_numbered_ids(whole)

    async def check() -> None:
        assert await told(at_once) == await told([1])

    asyncio.run(check())


happenings = st.sampled_from(
    ["go", "go", "cancel", "expire", "restart", "submit", "submit_wrong", "listen", "second_run"]
)


@st.composite
def halting_replies(draw: st.DrawFn) -> list[TextPiece | CallPiece | str]:
    """What a reply is made of; `|` is a place where the model stops until it is told to go on."""
    pieces, called = draw(said())
    parts: list[TextPiece | CallPiece | str] = list(pieces)
    for _ in range(draw(st.integers(0, 2))):
        parts.insert(draw(st.integers(0, len(parts))), "|")
    end = draw(st.sampled_from(["tool_calls" if called else "stop"] * 4 + ["length", "fault"]))
    return [*parts, end]


@EXAMPLES
@given(st.lists(halting_replies(), min_size=1, max_size=3), st.lists(happenings, max_size=8))
def test_whatever_happens_to_a_run_it_ends_in_a_legal_state(
    script: list[list[TextPiece | CallPiece | str]], wishes: list[str]
) -> None:
    async def check() -> None:
        gates: list[Gate] = []
        async with opened([_reply(parts, gates) for parts in script]) as world:
            for name in SERVED * 2:
                gates.append(Gate())
                world.tools.will(name, gates[-1])
            run = await world.start(tools=DECLARED)
            for wish in wishes:
                await at_rest(world, run, gates)
                with contextlib.suppress(RetinueError):
                    await grant(world, run, wish, gates)
            await end(world, run, gates)
            history = await world.history(run)
            check_run(history, replay(history))
            check_calls(world, history)
            assert "in_progress" not in [message.status for message in await world.messages()]
            assert await world.store.jobs.next_due(EXPIRE_RUN) is None
            await world.say("The lock is free.")

    asyncio.run(check())


def _reply(parts: list[TextPiece | CallPiece | str], gates: list[Gate]) -> Reply:
    reply: list[Part] = []
    for part in parts:
        match part:
            case "|":
                gates.append(Gate())
                reply.append(gates[-1])
            case "fault":
                reply.append(ModelFault("It broke off."))
            case "stop" | "tool_calls" | "length":
                reply.append(done(part))
            case TextPiece() | CallPiece():
                reply.append(part)
    return tuple(reply)


def with_numbered_ids(told: str) -> str:
    """The stream with ids that two runs have alike, in place of random ones."""
    places: dict[str, int] = {}
    return re.sub(r"(?<=_)\w{24}\b", lambda id_: str(places.setdefault(id_[0], len(places))), told)


async def grant(world: World, run: Run, wish: str, gates: list[Gate]) -> None:
    match wish:
        case "go":
            for gate in gates:
                if gate.reached.is_set():
                    gate.go.set()
        case "cancel":
            await world.cancel(run)
        case "expire":
            await world.expire(run)
        case "restart":
            await world.new_engine().start()
        case "submit":
            await answer(world, await world.history(run))
        case "submit_wrong":
            await world.submit(run, nobody="asked")
        case "listen":
            listening = asyncio.create_task(world.listen(run))
            await asyncio.sleep(0)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        case "second_run":
            with contextlib.suppress(Locked):
                second = await world.start()
                assert (await world.history(run)).run.status.final
                await world.cancel(second)
                await world.listen(second)


async def at_rest(world: World, run: Run, gates: list[Gate]) -> None:
    """Wait until the run's driver has let go of it, or its model stands still."""
    drivers = [task for task in asyncio.all_tasks() if task.get_name() == f"drive {run.id}"]
    halts = [asyncio.create_task(gate.reached.wait()) for gate in gates if not gate.go.is_set()]
    if drivers:
        await asyncio.wait([*drivers, *halts], return_when=asyncio.FIRST_COMPLETED)
    for halt in halts:
        halt.cancel()
    await asyncio.gather(*halts, return_exceptions=True)
    await world.tap.flush()


async def end(world: World, run: Run, gates: list[Gate]) -> None:
    """Let everything go on, and answer what is asked, until no driver is left."""
    for gate in gates:
        gate.go.set()
    await driven(run)
    while (history := await world.history(run)).run.status is Status.REQUIRES_ACTION:
        await answer(world, history)
        await driven(run)


async def answer(world: World, history: History) -> History:
    outputs = {call.call_id: "42" for call in history.run.pending}
    submitted = {call_id.removeprefix("call_"): output for call_id, output in outputs.items()}
    return await world.submit(history.run, **submitted)


@contextlib.asynccontextmanager
async def opened(script: list[Reply]) -> AsyncIterator[World]:
    with structlog.testing.capture_logs(), tempfile.TemporaryDirectory() as folder:
        async with World.opened(Path(folder) / "retinue.db") as world:
            world.script(*script)
            world.tools.serves, world.tools.repeatable = SERVED, {REPEATABLE}
            async with asyncio.timeout(30):
                yield world


def check_run(history: History, events: Sequence[Event]) -> None:
    run = history.run
    reached = [transition.status for transition in run.transitions]
    assert reached[0] is Status.QUEUED
    assert all(later in LEGAL[earlier] for earlier, later in itertools.pairwise(reached))
    assert run.status is reached[-1]
    assert run.status.final
    assert "in_progress" not in [step.status for step in history.steps]
    assert run.usage == sum((turn.usage for turn in history.turns), Usage())
    check_numbers(list(events))
    told = [event.run.status for event in events if isinstance(event, RunChanged)]
    assert told == reached
    started = [event.step.id for event in events if isinstance(event, StepStarted)]
    ended = [event.step.id for event in events if isinstance(event, StepEnded)]
    assert sorted(started) == sorted(ended)
    assert len(set(started)) == len(started)


def check_calls(world: World, history: History) -> None:
    """What the server ran is known, or said to be unknown; what may not be repeated ran once."""
    calls = {(call.step_id, call.call_id): call for step in history.steps for call in history.calls_of(step)}
    answered = {(output.step_id, output.call_id) for step in history.steps for output in history.outputs_of(step)}
    assert "running" not in [execution.outcome for execution in history.executions]
    assert {execution.id for execution in history.executions} <= answered
    assert {calls[execution.id].name for execution in history.executions} <= set(SERVED)
    keys = [context.key for context in world.tools.effects]
    recorded = {execution.key: execution for execution in history.executions}
    assert set(keys) <= recorded.keys()
    for key, execution in recorded.items():
        assert keys.count(key) <= execution.attempts
        assert execution.attempts == 1 or execution.name == REPEATABLE
