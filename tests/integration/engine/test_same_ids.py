"""Imported ids may be anyone's: two projects have a thread and a run of the same ids, both live at once."""

from dataclasses import dataclass

from engine.scripted import Gate, Reply, calls, says
from engine.world import PROJECT, World, driven
from retinue.core.caller import Caller
from retinue.core.events import Event, RunChanged, StepEnded, TextDeltas
from retinue.core.history import History
from retinue.core.item import Message, Text
from retinue.core.job import EXPIRE_RUN, Job
from retinue.core.run import EVENTS_PER_FENCE, Run, RunSpec, Status
from retinue.core.thread import Thread
from retinue.engine.commands import messages, runs, threads
from retinue.store import Scope

THREAD, RUN = "thread_same", "run_same"


@dataclass
class Side:
    """One of the two projects."""

    world: World
    project: str

    @property
    def scope(self) -> Scope:
        return self.world.store.scoped(self.project)

    @property
    def caller(self) -> Caller:
        return Caller(project=self.project)

    async def insert(self) -> Run:
        """Store the thread and the run, queued, as an import would."""
        now = self.world.clock()
        said = Message(id="msg_same", thread_id=THREAD, role="user", created_at=now, content=(Text(self.project),))
        await self.scope.threads.insert(Thread(id=THREAD, created_at=now, head="branch_same"), [said])
        spec = RunSpec(assistant_id="asst_same", model="scripted", tools=self.world.assistant.tools)
        new = Run(id=RUN, thread_id=THREAD, branch="branch_same", created_at=now, expires_at=now + 600, spec=spec)
        run = new.moved(Status.QUEUED, at=now, event=EVENTS_PER_FENCE + 1)
        await self.scope.runs.create(run)
        return run

    async def start(self, gate: Gate | None = None) -> None:
        run = await self.insert()
        self.world.engine.drive(self.scope, History(run=run), [RunChanged(run.transitions[0].event, run)])
        if gate:
            await gate.reached.wait()

    async def heard(self) -> list[Event]:
        batches = self.world.engine.listen(self.scope, RUN)
        return [event async for batch in batches for event in batch]

    async def run(self) -> Run:
        return (await self.scope.runs.history(RUN)).run


def sides(world: World) -> tuple[Side, Side]:
    return Side(world, PROJECT), Side(world, "other")


def text(events: list[Event]) -> str:
    return "".join(text for event in events if isinstance(event, TextDeltas) for text in event.texts)


def last_status(events: list[Event]) -> Status:
    return [event.run.status for event in events if isinstance(event, RunChanged)][-1]


def held(word: str) -> tuple[Gate, Reply]:
    """A reply that stops amid the word until its gate is opened."""
    gate = Gate()
    return gate, says(word[:2], gate, word[2:])


async def both_speaking(world: World) -> tuple[Side, Gate, Side, Gate]:
    """Both runs are live: the first is about to say "mine", the second "theirs"."""
    (mine, reply), (theirs, other_reply) = held("mine"), held("theirs")
    world.script(reply, other_reply)
    first, second = sides(world)
    await first.start(mine)
    await second.start(theirs)
    return first, mine, second, theirs


async def test_a_listener_hears_its_own_projects_run_alone(world: World) -> None:
    first, mine, second, theirs = await both_speaking(world)
    theirs.go.set()
    told = await second.heard()
    assert (text(told), last_status(told)) == ("theirs", Status.COMPLETED)
    assert (await first.run()).status is Status.IN_PROGRESS
    mine.go.set()
    assert text(await first.heard()) == "mine"
    assert text(await second.heard()) == "theirs"


async def test_what_is_stored_of_both_is_each_ones_own(world: World) -> None:
    first, mine, second, theirs = await both_speaking(world)
    mine.go.set()
    theirs.go.set()
    for side, word in ((first, "mine"), (second, "theirs")):
        await side.heard()
        history = await side.scope.runs.history(RUN)
        assert [item.text for item in history.items if isinstance(item, Message)] == [word]
        assert len(history.steps) == len(history.turns) == 1
        assert (await side.scope.messages.get(THREAD, "msg_same")).text == side.project


async def test_a_message_being_said_is_read_in_its_own_project(world: World) -> None:
    first, mine, second, theirs = await both_speaking(world)
    await world.tap.flush()
    (item,) = (await first.scope.runs.history(RUN)).items
    assert isinstance(item, Message)
    assert world.engine.as_said(first.scope, item).text == "mi"
    assert world.engine.as_said(second.scope, item).text == ""
    mine.go.set()
    theirs.go.set()


async def test_a_wish_to_cancel_reaches_its_own_projects_run(world: World) -> None:
    first, mine, second, _ = await both_speaking(world)
    await runs.cancel(world.engine, second.caller, THREAD, RUN)
    assert last_status(await second.heard()) is Status.CANCELLED
    mine.go.set()
    assert last_status(await first.heard()) is Status.COMPLETED


async def test_expiry_ends_its_own_projects_run(world: World) -> None:
    first, mine, second, _ = await both_speaking(world)
    await world.engine.expire(Job(kind=EXPIRE_RUN, project=second.project, key=RUN, due=world.clock()))
    assert (await second.run()).status is Status.EXPIRED
    mine.go.set()
    assert last_status(await first.heard()) is Status.COMPLETED


async def test_a_deleted_thread_takes_its_own_projects_run_along(world: World) -> None:
    first, mine, second, _ = await both_speaking(world)
    await threads.delete(world.engine, second.caller, THREAD)
    mine.go.set()
    assert last_status(await first.heard()) is Status.COMPLETED
    assert (await first.scope.threads.get(THREAD)).id == THREAD


async def test_metadata_is_told_in_its_own_project(world: World) -> None:
    first, mine, second, theirs = await both_speaking(world)
    await runs.modify(world.engine, second.caller, THREAD, RUN, {"of": "theirs"})
    await messages.modify(world.engine, second.caller, THREAD, "msg_same", {"of": "theirs"})
    mine.go.set()
    theirs.go.set()
    told = [event.run.metadata for event in await first.heard() if isinstance(event, RunChanged)]
    assert set(map(str, told)) == {"{}"}
    assert (await first.scope.messages.get(THREAD, "msg_same")).metadata == {}
    assert [event.run.metadata for event in await second.heard() if isinstance(event, RunChanged)][-1] == {
        "of": "theirs"
    }


async def test_outputs_go_to_their_own_projects_run(world: World) -> None:
    world.script(calls(("a", "{}")), calls(("a", "{}")), says("Done."))
    first, second = sides(world)
    for side in (first, second):
        await side.start()
        assert last_status(await side.heard()) is Status.REQUIRES_ACTION
    await runs.submit_outputs(world.engine, second.caller, THREAD, RUN, {"call_a": "theirs"})
    told = await second.heard()
    assert last_status(told) is Status.COMPLETED
    (output,) = [output.output for event in told if isinstance(event, StepEnded) for output in event.outputs]
    assert output == "theirs"
    waiting = await first.run()
    assert waiting.status is Status.REQUIRES_ACTION
    assert last_status(await first.heard()) is Status.REQUIRES_ACTION


async def test_both_are_taken_up_at_the_start(world: World) -> None:
    first, second = sides(world)
    for side in (first, second):
        run = await side.insert()
    assert await world.engine.start() == 2
    await driven(run)
    for side in (first, second):
        assert (await side.run()).status is Status.COMPLETED
    spoken = sorted(str(request.messages[-1]) for request in world.model.requests)
    assert len(spoken) == 2
    assert "default" in spoken[0]
    assert "other" in spoken[1]


async def test_the_lock_of_a_thread_is_its_projects_own(world: World) -> None:
    first, mine, second, theirs = await both_speaking(world)
    theirs.go.set()
    await second.heard()
    said = Message(id="", thread_id="", role="user", created_at=0, content=(Text("More."),))
    assert (await messages.create(world.engine, second.caller, THREAD, said)).thread_id == THREAD
    mine.go.set()
    await first.heard()
