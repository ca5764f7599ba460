"""The driver of one run: asks what comes next, does it, commits, asks again."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Literal, TypeVar

import structlog
from msgspec import Struct, structs

from retinue.blobs import Blobs
from retinue.context import Context, Prompt, PromptTooLong, Refused
from retinue.core.clock import Clock
from retinue.core.closing import abandon, finish
from retinue.core.errors import Fenced, ModelFault, Overtaken, StoreFault, Unjudged
from retinue.core.events import Event, RunChanged, StepEnded, StepStarted, Waiting
from retinue.core.history import History, RunChange
from retinue.core.item import Item
from retinue.core.next_action import Action, AwaitOutputs, CallModel, Finish, Rest, RunTools, next_action
from retinue.core.outputs import answer, tell_outputs
from retinue.core.produced import unshown
from retinue.core.run import EVENTS_PER_FENCE, Run, Status
from retinue.core.step import RunError
from retinue.engine.answers import Answers
from retinue.engine.bus import Channel
from retinue.engine.call import ModelCall, Price
from retinue.engine.journal import Journal
from retinue.engine.recorder import Recorder
from retinue.engine.tool_round import ToolRound
from retinue.models import Finished, Model, Wait
from retinue.store import Scope
from retinue.tools import HostedTools, Toolbox

log = structlog.get_logger()

T = TypeVar("T")

Interrupt = Literal["cancel", "expire"]

_KEPT = (StepStarted, StepEnded)
_INTERRUPTIONS: dict[Interrupt, Finish] = {
    "cancel": Finish(status=Status.CANCELLED),
    "expire": Finish(status=Status.EXPIRED),
}
_OUR_FAULT = RunError(
    code="server_error", message="The server made a mistake in this run; its log says more. Try again."
)


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of every run."""

    expires_s: float = 600.0
    """Seconds from its creation to its expiry. Contract: 600."""
    max_turns: int = 50
    """Model calls."""


class Driver:
    """Drives one run for as long as there is something to do; `drive` is its task."""

    def __init__(
        self,
        scope: Scope,
        model: Model,
        context: Context,
        tools: Toolbox,
        hosted: HostedTools,
        blobs: Blobs,
        channel: Channel,
        fence: int,
        *,
        clock: Clock,
        limits: Limits,
        price: Price,
        answers: Answers,
    ) -> None:
        self._scope, self._model, self._context, self._channel = scope, model, context, channel
        self.fence = fence
        """Of the run as this driver got it."""
        self.journal = Journal(scope, channel)
        self._clock, self._limits, self._price, self._answers = clock, limits, price, answers
        self._interrupted: Interrupt | None = None
        self._breakable: asyncio.Task[object] | None = None
        self._call: ModelCall | None = None
        self._tools = ToolRound(tools, hosted, scope, self.journal, blobs, clock=clock)

    def said(self) -> tuple[Item, ...]:
        """Return what the model has said in the call that is under way."""
        return self._call.said() if self._call else ()

    def interrupt(self, why: Interrupt) -> None:
        """Break off the model call or tools that are under way: the run is to be cancelled, or its time is over."""
        self._interrupted = why
        if self._breakable is not None:
            self._breakable.cancel()

    async def drive(self, history: History, told: Sequence[Event]) -> None:
        """Drive the run on. `told` are the events of what was stored last, which nobody has heard yet."""
        self._history = history
        self.journal.number = max([history.run.fence * EVENTS_PER_FENCE, *(event.number for event in told)])
        self.journal.publish(told)
        try:
            try:
                while await self._advance(self._next_action(self._history)) or await self._look_again():
                    pass
            except (Fenced, asyncio.CancelledError):
                raise
            except Exception:
                log.exception("run_failed_inside", run=history.run.id)
                said = await self._call.broken_off() if self._call else (RunChange(run=self._history.run), [])
                await self._settle(*said, Finish(status=Status.FAILED, error=_OUR_FAULT))
        except Fenced:
            log.info("run_lost", run=history.run.id, why="taken over or deleted")
        except StoreFault as fault:  # its end can't be stored either; the next start takes it up
            log.error("run_not_stored", run=history.run.id, why=fault.message)
        finally:
            self._tools.cancel()

    async def _advance(self, action: Action) -> bool:
        """Do one thing; return whether there may be more to do."""
        if isinstance(action, Rest):
            return False
        self._start()
        if isinstance(action, CallModel):
            await self._close_abandoned()
            await self._call_model(action)
        elif isinstance(action, RunTools):
            await self._run_tools(action)
        else:
            await self._settle(RunChange(run=self._history.run), [])
        return True

    async def _look_again(self) -> bool:
        """A wish that came just as the driver was done: it may have been stored after what the driver knows."""
        run = self._history.run
        if self._interrupted is None or run.status.final:
            return False
        self._history = await self._scope.runs.history(run.id)
        if self._history.run.fence != self.fence:
            raise Fenced(f"Run {run.id} has another driver.")
        return not isinstance(self._next_action(self._history), Rest)

    def _next_action(self, history: History) -> Action:
        expired = self._interrupted == "expire"
        now = history.run.expires_at if expired else self._clock()
        return next_action(history, now=now, max_turns=self._limits.max_turns)

    def _start(self) -> None:
        """Tell that the run is in progress; nobody has to wait until that is stored."""
        run = self._history.run
        if run.status is Status.QUEUED:
            number = self.journal.next_number()
            run = run.moved(Status.IN_PROGRESS, at=self._clock(), event=number)
            self._history = structs.replace(self._history, run=run)
            self.journal.store_with_next(run)
            self.journal.publish([RunChanged(number, run)])

    async def _close_abandoned(self) -> None:
        """Close what a driver that was killed had begun to say; it is said anew."""
        change, events = abandon(self._history, at=self._clock(), number=self.journal.number + 1)
        if events:
            await self.journal.store(change)
            self._history = self._history.after(change)
            self.journal.number += len(events)
            self.journal.publish(events)

    async def _call_model(self, action: CallModel) -> None:
        run = self._history.run

        async def build(refused: Refused | None) -> Prompt:
            prompt = await self._context.build(self._scope, self._history, action, refused=refused)
            return structs.replace(prompt, request=structs.replace(prompt.request, waiting=self._tell_waiting))

        produced = unshown(self._history)
        recorder = Recorder(
            run, turn=action.turn, next_number=self.journal.next_number, tell=self._tell, produced=produced
        )
        call = self._call = ModelCall(run, build, recorder, turn=action.turn, clock=self._clock)
        try:
            finished = await self._unless_interrupted(call.listen(self._model))
        except PromptTooLong:
            end = Finish(status=Status.INCOMPLETE, incomplete="max_prompt_tokens")
            await self._settle(*await call.broken_off(), end)
        except ModelFault as fault:
            error = RunError(code=fault.run_code, message=fault.message)
            await self._settle(*await call.broken_off(), Finish(status=Status.FAILED, error=error))
        else:
            if isinstance(finished, Finished):
                await self._take_answer(call, finished)
            else:
                await self._settle(*await call.broken_off(), finished)
        self._call = None

    async def _take_answer(self, call: ModelCall, finished: Finished) -> None:
        """Store the call that ended, once its answer was held against the run's format."""
        format_, project = self._history.run.spec.response_format, self._scope.project
        judging = self._answers.problem_of(call.answer(), finished, format_, project=project)
        problem, end = None, None
        try:
            found = await self._unless_interrupted(judging)
        except Unjudged as fault:
            problem = fault.message
            end = Finish(status=Status.FAILED, error=RunError(code="server_error", message=problem))
        else:
            problem, end = (None, found) if isinstance(found, Finish) else (found, None)
        await self._settle(*await call.whole(finished, self._price, problem=problem), end)

    async def _run_tools(self, action: RunTools) -> None:
        """Have some of the calls begun, and take in those that end first."""
        run = self._history.run
        try:
            begun = await self._tools.begin(self._history, action.calls)
        except Overtaken:
            await self._settle(RunChange(run=_cancelling(run)), [])
            return
        self._history = self._history.after(begun)
        end = await self._unless_interrupted(self._tools.progress())
        outcomes, fatal = self._tools.take_outcomes(run)
        if fatal and not end:
            end = Finish(status=Status.FAILED, error=fatal)
        if end:
            self._tools.cancel()
        number = self.journal.number + 1
        if end and end.error:  # its step fails with the run, whatever else was answered
            change, events = tell_outputs(self._history, outcomes, number=number)
        else:
            change, events = answer(self._history, outcomes, at=self._clock(), number=number)
        self.journal.number += len(events)
        await self._settle(change, events, end)

    async def _unless_interrupted(self, doing: Coroutine[Any, Any, T]) -> T | Finish:
        """Await this to its end, or to the run's if that is wished for."""
        if self._interrupted:
            doing.close()
            return _INTERRUPTIONS[self._interrupted]
        self._breakable = asyncio.current_task()
        try:
            return await doing
        except asyncio.CancelledError:
            if self._interrupted is None or self._breakable is None:
                raise
            self._breakable.uncancel()
            return _INTERRUPTIONS[self._interrupted]
        finally:
            self._breakable = None

    async def _settle(self, change: RunChange, events: list[Event], end: Finish | None = None) -> None:
        """Store a change together with what follows from it at once: the run's end, or its wait for the client."""
        history = self._history.after(change)
        action = end or self._next_action(history)
        if isinstance(action, Finish):
            closing, told = finish(history, action, at=self._clock(), number=self.journal.number + 1)
            self.journal.number += len(told)
            settled = change.then(closing)
        else:
            settled, told = self._waiting(change, action)
        try:
            await self.journal.store(settled)
        except Overtaken:  # someone wished to cancel meanwhile: that is the only change from outside
            await self._settle(structs.replace(change, run=_cancelling(self._history.run)), events)
            return
        self._history = self._history.after(settled)
        self.journal.publish([*events, *told])
        if error := self._history.run.error:
            log.warning("run_failed", run=settled.run.id, model=settled.run.spec.model, why=error.message)

    def _waiting(self, change: RunChange, action: Action) -> tuple[RunChange, list[Event]]:
        if not isinstance(action, AwaitOutputs):
            return change, []
        number = self.journal.next_number()
        run = structs.replace(
            change.run.moved(Status.REQUIRES_ACTION, at=self._clock(), event=number), pending=action.calls
        )
        return structs.replace(change, run=run), [RunChanged(number, run)]

    def _tell(self, event: Event) -> None:
        """Tell an event amid a model call; steps and messages show up in lists from their first delta on."""
        if not isinstance(event, _KEPT):
            self._channel.publish(event)
            return
        items = (event.message,) if event.message else ()
        self.journal.store_soon(RunChange(run=self._history.run, steps=(event.step,), items=items))
        self.journal.publish([event])

    def _tell_waiting(self, wait: Wait) -> None:
        self._channel.publish(Waiting(self.journal.number, wait.why, wait.seconds))


def _cancelling(run: Run) -> Run:
    return structs.replace(run, status=Status.CANCELLING)
