"""Any order of answers, faults, outputs, cancels, expiries, crashes and restarts leaves a run in a legal state.

The machine below is a driver and a store in miniature, over the core's own functions: what it does between two of
them, a crash may come between.
"""

import itertools
from collections.abc import Sequence

import histories as h
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import Struct, structs

from retinue.core.closing import abandon, finish
from retinue.core.errors import InvalidRequest
from retinue.core.events import Event, RunChanged, StepEnded, StepStarted
from retinue.core.execution import Execution
from retinue.core.history import History, RunChange
from retinue.core.item import Item, Message, Text, ToolCall, ToolOutput
from retinue.core.next_action import Action, AwaitOutputs, CallModel, Finish, Rest, RunTools, next_action
from retinue.core.outputs import Kept, accept_outputs, answer, give_up
from retinue.core.replay import replay
from retinue.core.run import EVENTS_PER_FENCE, LEGAL, LIVE, RunSpec, Status
from retinue.core.step import RunError, Step
from retinue.core.turn import Finish as Reason
from retinue.core.usage import Usage

MAX_TURNS = 4
FAULT = Finish(status=Status.FAILED, error=RunError(code="server_error", message="It is down."))

usages = st.builds(Usage, prompt=st.integers(0, 40), completion=st.integers(0, 40))
reasons: st.SearchStrategy[Reason] = st.sampled_from(["stop", "stop", "tool_calls", "length", "content_filter"])


class Driver(Struct):
    """Who drives the run, what it takes for stored, and the last number it gave."""

    history: History
    number: int


class Life(RuleBasedStateMachine):
    """The life of one run."""

    def __init__(self) -> None:
        super().__init__()
        self.now = h.NOW
        spec = RunSpec(
            assistant_id="a", model="m", max_completion_tokens=100, max_prompt_tokens=100, served=("get_0", "get_2")
        )
        self.stored = History(run=h.run(spec=spec))
        self.told: list[Event] = []
        self.ids = 0
        self.driver: Driver | None = Driver(self.stored, EVENTS_PER_FENCE + 1)

    # What a driver does.

    @precondition(lambda self: self.driver is not None)
    @rule(text=st.text(max_size=4), calls=st.integers(0, 3), reason=reasons, usage=usages, late=st.booleans())
    def the_driver_goes_on(self, text: str, calls: int, reason: Reason, usage: Usage, late: bool) -> None:
        assert self.driver is not None
        action = self.decide(self.driver.history)
        match action:
            case Rest():  # as the driver does, look again: a wish may have been stored after what it knows
                self.driver.history = self.stored
                if isinstance(self.decide(self.stored), Rest):
                    self.driver = None
            case CallModel():
                self.begin()
                if calls and reason == "stop":
                    reason = "tool_calls"
                steps, items = self.say(action.turn, text, calls if reason != "stop" else 0, late=late)
                turn = h.turn(action.turn, reason, usage)
                closed, ended = self.close_message(steps, items, reason)
                self.settle(structs.replace(closed, turn=turn), ended)
            case RunTools():
                self.begin()
                self.run_tools(action.calls)
            case AwaitOutputs() | Finish():
                self.begin()
                self.settle(RunChange(run=self.driver.history.run), [])

    @precondition(lambda self: self.driver is not None and isinstance(self.decide(self.driver.history), CallModel))
    @rule(text=st.text(max_size=4), calls=st.integers(0, 2))
    def the_model_fails(self, text: str, calls: int) -> None:
        assert self.driver is not None
        self.begin()
        steps, items = self.say(len(self.driver.history.turns), text, calls, late=False)
        self.settle(RunChange(run=self.driver.history.run, steps=steps, items=items), [], FAULT)

    @precondition(lambda self: self.driver is not None and isinstance(self.decide(self.driver.history), CallModel))
    @rule(text=st.text(min_size=1, max_size=4), calls=st.integers(0, 2), stored=st.booleans())
    def the_driver_dies_amid_an_answer(self, text: str, calls: int, stored: bool) -> None:
        """What it had begun may be stored, without its content."""
        assert self.driver is not None
        self.begin()
        steps, items = self.say(len(self.driver.history.turns), text, calls, late=False)
        begun = tuple(structs.replace(step, cuts=()) for step in steps)
        empty = tuple(structs.replace(item, content=()) for item in items if isinstance(item, Message))
        if stored:
            self.commit(RunChange(run=self.driver.history.run, steps=begun, items=empty))
        self.driver = None

    @precondition(lambda self: self.driver is not None and isinstance(self.decide(self.driver.history), RunTools))
    @rule(data=st.data())
    def the_driver_dies_amid_tools(self, data: st.DataObject) -> None:
        """Some have begun, some of those have ended; what it had not stored is lost."""
        assert self.driver is not None
        self.begin()
        action = self.decide(self.driver.history)
        assert isinstance(action, RunTools)
        begun = data.draw(st.lists(st.sampled_from(action.calls), unique_by=lambda call: call.id))
        if begun and self.begin_tools(begun):
            ended = data.draw(st.lists(st.sampled_from(begun), unique_by=lambda call: call.id))
            if ended:
                self.end_tools(ended)
        self.driver = None

    # What happens from outside.

    @rule()
    def the_server_restarts(self) -> None:
        """Also what replaces a driver that is frozen."""
        self.driver = None
        if self.stored.run.status in LIVE - {Status.REQUIRES_ACTION}:
            self.take_over()

    @rule()
    def the_client_cancels(self) -> None:
        if Status.CANCELLING in LEGAL[self.stored.run.status]:
            self.stored = structs.replace(
                self.stored, run=structs.replace(self.stored.run, status=Status.CANCELLING, pending=())
            )
            if self.driver is None:
                self.take_over()

    @precondition(lambda self: self.now < self.stored.run.expires_at)
    @rule()
    def the_runs_time_passes(self) -> None:
        self.now = self.stored.run.expires_at
        if self.driver is None and self.stored.run.status in LIVE:
            self.take_over()

    @rule(right=st.booleans())
    def the_client_submits(self, right: bool) -> None:
        outputs = {call.call_id: Kept("42") for call in self.stored.run.pending}
        if not right:
            outputs["call_of_nobody"] = Kept("?")
        waiting = self.stored.run.status is Status.REQUIRES_ACTION
        try:
            change, events = accept_outputs(self.stored, outputs, at=self.now)
        except InvalidRequest:
            assert not (waiting and right)
            return
        assert waiting
        assert right
        self.stored = self.stored.after(change)
        self.told += events
        self.driver = Driver(self.stored, events[-1].number)

    # What must always hold.

    @invariant()
    def every_move_was_legal(self) -> None:
        run = self.stored.run
        reached = [transition.status for transition in run.transitions]
        assert reached[0] is Status.QUEUED
        assert all(later in LEGAL[earlier] for earlier, later in itertools.pairwise(reached))
        assert run.status in (reached[-1], Status.CANCELLING)

    @invariant()
    def numbers_grow_and_come_once(self) -> None:
        for events in (self.told, replay(self.stored)):
            numbers = [event.number for event in events]
            assert numbers == sorted(set(numbers))

    @invariant()
    def a_replay_tells_each_thing_once(self) -> None:
        events = replay(self.stored)
        started = [event.step.id for event in events if isinstance(event, StepStarted)]
        ended = [event.step.id for event in events if isinstance(event, StepEnded)]
        assert len(set(started)) == len(started)
        assert len(set(ended)) == len(ended)
        assert set(ended) <= set(started)

    @invariant()
    def a_run_that_ended_is_whole(self) -> None:
        run = self.stored.run
        assert (run.status in LIVE) is not run.status.final
        assert (run.usage is not None) is run.status.final
        if run.status.final:
            assert run.usage == sum((turn.usage for turn in self.stored.turns), Usage())
            assert "in_progress" not in [step.status for step in self.stored.steps]
            assert "in_progress" not in [i.status for i in self.stored.items if isinstance(i, Message)]
            assert run.pending == ()
            told = [event.run.status for event in replay(self.stored) if isinstance(event, RunChanged)]
            assert told == [transition.status for transition in run.transitions]

    @invariant()
    def a_run_waits_for_just_the_calls_without_an_output(self) -> None:
        if self.stored.run.status is Status.REQUIRES_ACTION:
            assert self.stored.run.pending == self.stored.unanswered_calls() != ()
            assert not {call.name for call in self.stored.run.pending} & set(self.stored.run.spec.served)

    @invariant()
    def a_call_that_was_begun_is_running_or_answered(self) -> None:
        running = {execution.id for execution in self.stored.executions if execution.outcome == "running"}
        begun = {execution.id for execution in self.stored.executions}
        unanswered = {(call.step_id, call.call_id) for call in self.stored.unanswered_calls()}
        assert running == begun & unanswered
        assert not (running and self.stored.run.status.final)

    @invariant()
    def a_step_all_of_whose_calls_are_answered_is_not_open(self) -> None:
        unanswered = {call.step_id for call in self.stored.unanswered_calls()}
        for step in self.stored.steps:
            if step.status == "in_progress" and self.stored.calls_of(step):
                assert step.id in unanswered

    @invariant()
    def a_live_run_has_somebody_who_takes_it_on(self) -> None:
        if self.driver is None and self.stored.run.status in LIVE - {Status.REQUIRES_ACTION}:
            self.take_over()  # what the next start of the server does; it must be possible at any time

    def teardown(self) -> None:
        """From anywhere, the run can be brought to an end."""
        self.the_client_cancels()
        for _ in range(20):
            if self.driver is None:
                break
            self.the_driver_goes_on("", 0, "stop", Usage(), False)
        assert self.stored.run.status.final
        self.a_run_that_ended_is_whole()
        self.numbers_grow_and_come_once()

    # A driver and a store in miniature.

    def decide(self, history: History) -> Action:
        return next_action(history, now=self.now, max_turns=MAX_TURNS)

    def take_over(self) -> None:
        run = structs.replace(self.stored.run, fence=self.stored.run.fence + 1)
        self.stored = structs.replace(self.stored, run=run)
        self.driver = Driver(self.stored, run.fence * EVENTS_PER_FENCE)
        change, events = abandon(self.stored, at=self.now, number=run.first_number)
        if events:
            self.commit(change)
            self.driver.history = self.driver.history.after(change)
            self.tell(events)

    def begin(self) -> None:
        assert self.driver is not None
        run = self.driver.history.run
        if run.status is Status.QUEUED:
            run = run.moved(Status.IN_PROGRESS, at=self.now, event=self.number())
            self.driver.history = structs.replace(self.driver.history, run=run)
            self.told.append(RunChanged(self.driver.number, run))
            self.commit(RunChange(run=run))

    def say(self, turn: int, text: str, calls: int, *, late: bool) -> tuple[tuple[Step, ...], tuple[Item, ...]]:
        """What a model says in one turn, before any of it is closed; `late` text comes after the calls."""
        said: list[tuple[Step, tuple[Item, ...]]] = []
        if text and not late:
            said.append(self.message(turn, text))
        if calls:
            said.append(self.round(turn, calls))
        if text and late:
            said.append(self.message(turn, text))
        return tuple(step for step, _ in said), tuple(item for _, items in said for item in items)

    def message(self, turn: int, text: str) -> tuple[Step, tuple[Item, ...]]:
        step = self.step("message_creation", turn, cuts=((1,) * len(text),))
        step = structs.replace(step, message_id=f"msg_{step.id}")
        for _ in text:
            self.number()
        return step, (h.message(f"msg_{step.id}", text, step=step.id),)

    def round(self, turn: int, calls: int) -> tuple[Step, tuple[Item, ...]]:
        step = self.step("tool_calls", turn, cuts=((2,),) * calls)
        for _ in range(2 * calls):
            self.number()
        return step, tuple(h.call(str(n), step=step.id) for n in range(calls))

    def step(self, kind: str, turn: int, *, cuts: tuple[tuple[int, ...], ...]) -> Step:
        self.ids += 1
        step = h.step(f"step_{self.ids}", kind=kind, turn=turn)
        return structs.replace(step, first_event=self.number(), cuts=cuts)

    def close_message(
        self, steps: tuple[Step, ...], items: tuple[Item, ...], reason: Reason
    ) -> tuple[RunChange, list[Event]]:
        assert self.driver is not None
        closed: list[Step] = []
        messages = {item.step_id: item for item in items if isinstance(item, Message)}
        events: list[Event] = []
        for step in steps:
            if message := messages.get(step.id):
                status = "incomplete" if reason in ("length", "content_filter") else "completed"
                message = structs.replace(message, status=status, content=message.content or (Text(""),))
                messages[step.id] = message
                step = structs.replace(step, status="completed", last_event=self.number())
                events.append(StepEnded(self.driver.number, step, message))
            closed.append(step)
        whole = tuple(messages[i.step_id] if isinstance(i, Message) else i for i in items)
        return RunChange(run=self.driver.history.run, steps=tuple(closed), items=whole), events

    def run_tools(self, calls: Sequence[ToolCall]) -> None:
        """As the driver does: one of them ends at a time; those of a driver before this one are given up."""
        assert self.driver is not None
        running = self.driver.history.running().values()
        if lost := [execution for execution in running if execution.fence != self.driver.history.run.fence]:
            self.take_in([give_up(execution, at=self.now) for execution in lost])
        elif self.begin_tools(calls):
            self.end_tools(calls[-1:])

    def begin_tools(self, calls: Sequence[ToolCall]) -> bool:
        assert self.driver is not None
        run = self.driver.history.run
        begun = RunChange(run=run, executions=tuple(h.execution(call, fence=run.fence) for call in calls))
        if not self.commit(begun):
            self.settle(RunChange(run=structs.replace(run, status=Status.CANCELLING)), [])
            return False
        self.driver.history = self.driver.history.after(begun)
        return True

    def end_tools(self, calls: Sequence[ToolCall]) -> None:
        assert self.driver is not None
        done = [structs.replace(h.execution(call), outcome="done", ended_at=self.now) for call in calls]
        self.take_in([(execution, h.output(call)) for execution, call in zip(done, calls, strict=True)])

    def take_in(self, ended: Sequence[tuple[Execution, ToolOutput]]) -> None:
        assert self.driver is not None
        outcomes = RunChange(
            run=self.driver.history.run,
            items=tuple(output for _, output in ended),
            executions=tuple(execution for execution, _ in ended),
        )
        change, events = answer(self.driver.history, outcomes, at=self.now, number=self.driver.number + 1)
        self.driver.number += len(events)
        self.settle(change, events)

    def settle(self, change: RunChange, events: list[Event], end: Finish | None = None) -> None:
        """As the driver does: store a turn together with what follows from it."""
        assert self.driver is not None
        history = self.driver.history.after(change)
        action = end or self.decide(history)
        told: list[Event] = []
        settled = change
        if isinstance(action, Finish):
            closing, told = finish(history, action, at=self.now, number=self.driver.number + 1)
            self.driver.number += len(told)
            settled = change.then(closing)
        elif isinstance(action, AwaitOutputs):
            run = change.run.moved(Status.REQUIRES_ACTION, at=self.now, event=self.number())
            run = structs.replace(run, pending=action.calls)
            settled, told = structs.replace(change, run=run), [RunChanged(self.driver.number, run)]
        if not self.commit(settled):
            cancelling = structs.replace(self.driver.history.run, status=Status.CANCELLING)
            self.settle(structs.replace(change, run=cancelling), events)
            return
        self.driver.history = self.driver.history.after(settled)
        self.tell([*events, *told])

    def commit(self, change: RunChange) -> bool:
        """Store a change, unless a wish to cancel came before it."""
        stored = self.stored.run.status
        reachable = change.run.status in LEGAL[stored] or (
            stored is Status.QUEUED and change.run.status in LEGAL[Status.IN_PROGRESS]
        )
        if stored is not change.run.status and not reachable:
            return False
        self.stored = self.stored.after(change)
        return True

    def tell(self, events: list[Event]) -> None:
        assert self.driver is not None
        self.told += events
        self.driver.number = max(self.driver.number, *(event.number for event in events), 0)

    def number(self) -> int:
        assert self.driver is not None
        self.driver.number += 1
        return self.driver.number


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
