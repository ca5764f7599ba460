"""The calls of one run that its driver has under way on this server, side by side."""

import asyncio
from collections.abc import Sequence

import structlog
from msgspec import Struct, structs

from retinue.blobs import Blobs
from retinue.core.clock import Clock
from retinue.core.container import Collected
from retinue.core.errors import StoreFault
from retinue.core.execution import Execution
from retinue.core.history import History, RunChange
from retinue.core.item import CallKind, ToolCall, ToolOutput
from retinue.core.outputs import Kept, give_up, output_of
from retinue.core.run import Run
from retinue.core.step import RunError
from retinue.engine.journal import Journal
from retinue.engine.outputs import LONGEST, LONGEST_OF_CODE, keep
from retinue.store import Scope
from retinue.tools import HostedTools, Toolbox, ToolContext, ToolResult

log = structlog.get_logger()

PARALLEL_CALLS = 8
"""Calls of one run that run at the same time; the others wait for a place."""

MAX_ATTEMPTS = 3
"""Times that a call is begun whose end no driver sees: it may be what ends the whole server each time."""

_NOT_KEPT = "The function has run, but its output could not be stored: the server's disk did not take it."

_NO_SUCH_TOOL = "This server has no {kind}."


class Ended(Struct, frozen=True):
    """A call that has ended, and what follows from it."""

    execution: Execution
    output: ToolOutput
    collected: Collected | None = None
    ends_run: RunError | None = None


class ToolRound:
    """Runs calls, each stored before it begins; what has ended is for the driver to take and to store."""

    def __init__(
        self, toolbox: Toolbox, hosted: HostedTools, scope: Scope, journal: Journal, blobs: Blobs, *, clock: Clock
    ) -> None:
        self._toolbox, self._hosted, self._scope, self._journal, self._blobs = toolbox, hosted, scope, journal, blobs
        self._clock = clock
        self._tasks: dict[tuple[str, str], asyncio.Task[Ended]] = {}
        self._ended: list[Ended] = []

    async def begin(self, history: History, calls: Sequence[ToolCall]) -> RunChange:
        """Store that calls begin, as many as there is room for, and begin them; return what was stored.

        One that a driver before this one had begun, and that may not be repeated, ends here without being run.
        """
        due: list[tuple[ToolCall, Execution]] = []
        running = history.running()
        for call in calls:
            if (call.step_id, call.call_id) in self._tasks:
                continue
            before = running.get((call.step_id, call.call_id))
            if before and not self._may_repeat(before):
                self._ended.append(Ended(*give_up(before, at=self._clock())))
            elif len(self._tasks) + len(due) < PARALLEL_CALLS:
                due.append((call, self._again(before, history.run) if before else self._first(call, history.run)))
        begun = RunChange(run=history.run, executions=tuple(execution for _, execution in due))
        if due:
            await self._journal.store(begun)
        for call, execution in due:
            outcome = self._run(history.run, call, execution)
            self._tasks[execution.id] = asyncio.create_task(outcome, name=f"run {execution.name}")
        return begun

    async def progress(self) -> None:
        """Wait until a call has ended."""
        if not self._ended:
            await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)

    def take_outcomes(self, run: Run) -> tuple[RunChange, RunError | None]:
        """Return what to store of the calls that have ended since this was asked last, and why the run ends by them."""
        done = [id_ for id_, task in self._tasks.items() if task.done()]
        ended = [*self._ended, *(self._tasks.pop(id_).result() for id_ in done)]
        self._ended.clear()
        change = RunChange(
            run=run,
            items=tuple(one.output for one in ended),
            executions=tuple(one.execution for one in ended),
            collected=tuple(one.collected for one in ended if one.collected),
        )
        return change, next((one.ends_run for one in ended if one.ends_run), None)

    def cancel(self) -> None:
        """Break off what is under way; nobody waits for it, for it may take its time."""
        for task in self._tasks.values():
            task.add_done_callback(_swallow)
            task.cancel()
        self._tasks.clear()

    def _may_repeat(self, execution: Execution) -> bool:
        """The function that ran then and the one that is there now allow it, and not too many attempts were lost."""
        if execution.attempts >= MAX_ATTEMPTS:
            log.warning("call_given_up", run=execution.run_id, function=execution.name, attempts=execution.attempts)
            return False
        return execution.idempotent and self._idempotent(execution)

    def _idempotent(self, call: ToolCall | Execution) -> bool:
        if call.kind == "function":
            return self._toolbox.idempotent(call.name)
        return call.kind in self._hosted and self._hosted[call.kind].idempotent

    def _first(self, call: ToolCall, run: Run) -> Execution:
        return Execution(
            run_id=run.id,
            step_id=call.step_id,
            call_id=call.call_id,
            name=call.name,
            arguments=call.arguments,
            idempotent=self._idempotent(call),
            key=f"{run.id}:{call.id}",
            fence=run.fence,
            started_at=self._clock(),
            kind=call.kind,
        )

    def _again(self, execution: Execution, run: Run) -> Execution:
        return structs.replace(execution, fence=run.fence, attempts=execution.attempts + 1)

    async def _run(self, run: Run, call: ToolCall, execution: Execution) -> Ended:
        try:
            result = await self._result(run, call, execution)
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            return Ended(
                *give_up(execution, at=self._clock())
            )  # it broke itself off, and must not take the driver along
        return self._outcome(execution, *await self._kept(result, execution.kind))

    async def _result(self, run: Run, call: ToolCall, execution: Execution) -> ToolResult:
        if call.kind != "function":
            if call.kind not in self._hosted:
                why = _NO_SUCH_TOOL.format(kind=call.kind.replace("_", " "))
                ends_run = RunError(code="server_error", message=why)
                return ToolResult(output=why, outcome="failed", error=why, ends_run=ends_run)
            return await self._hosted[call.kind].run(self._scope, run, call)
        context = ToolContext(
            project=self._scope.project,
            user=run.spec.user,
            assistant_id=run.spec.assistant_id,
            thread_id=run.thread_id,
            run_id=run.id,
            call_id=call.call_id,
            key=execution.key,
        )
        return await self._toolbox.run(call.name, call.arguments, context)

    async def _kept(self, result: ToolResult, kind: CallKind) -> tuple[ToolResult, Kept]:
        """The result and what to store of its output; one that the disk does not take fails its own call alone."""
        try:
            longest = LONGEST_OF_CODE if kind == "code_interpreter" else LONGEST
            return result, await keep(self._blobs, result.output, longest=longest)
        except (StoreFault, OSError) as fault:
            log.error("output_not_stored", why=str(fault))
            failed = structs.replace(result, output=_NOT_KEPT, outcome="failed", error=_NOT_KEPT, hits=(), ranking=None)
            return failed, Kept(_NOT_KEPT)

    def _outcome(self, execution: Execution, result: ToolResult, output: Kept) -> Ended:
        now = self._clock()
        ended = structs.replace(
            execution,
            outcome=result.outcome,
            ended_at=now,
            attempts=execution.attempts + result.attempts - 1,
            error=result.error,
        )
        told = structs.replace(
            output_of(execution, output, at=now),
            hits=result.hits,
            ranking=result.ranking,
            charts=result.charts,
            files=result.files,
            notes=result.notes,
        )
        return Ended(ended, told, result.collected, result.ends_run)


def _swallow(task: "asyncio.Task[Ended]") -> None:
    if not task.cancelled():
        task.exception()
