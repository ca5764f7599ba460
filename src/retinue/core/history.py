"""All that is stored of one run: what its next driver, and a replay of it, start from."""

from typing import TypeVar

from msgspec import Struct

from retinue.core.container import Collected
from retinue.core.execution import Execution
from retinue.core.item import Item, Message, ToolCall, ToolOutput
from retinue.core.run import Run
from retinue.core.step import Step
from retinue.core.turn import Turn
from retinue.core.usage import Usage

Stored = TypeVar("Stored", bound=Step | Item | Execution)


class History(Struct, frozen=True, kw_only=True):
    """A run with its turns, steps and items, each in order."""

    run: Run
    turns: tuple[Turn, ...] = ()
    steps: tuple[Step, ...] = ()
    items: tuple[Item, ...] = ()
    """The run's own: what its model said and what its calls came to."""
    executions: tuple[Execution, ...] = ()
    """What the server ran of its calls, by the time when it began."""

    def after(self, change: "RunChange") -> "History":
        """Return the history once `change` is stored."""
        return History(
            run=change.run,
            turns=self.turns if change.turn is None else (*self.turns, change.turn),
            steps=_merged(self.steps, change.steps),
            items=_merged(self.items, change.items),
            executions=_merged(self.executions, change.executions),
        )

    @property
    def usage(self) -> Usage:
        """Tokens of all turns so far."""
        return sum((turn.usage for turn in self.turns), Usage())

    @property
    def cost_usd(self) -> float | None:
        """US dollars of all turns so far; None where a price is not known."""
        costs = [turn.cost_usd for turn in self.turns]
        return None if None in costs else sum((cost for cost in costs if cost is not None), 0.0)

    def unanswered_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls that have no output yet, in the model's order."""
        # by step too: some models number their calls anew in every turn
        answered = {(i.step_id, i.call_id) for i in self.items if isinstance(i, ToolOutput)}
        calls = (i for i in self.items if isinstance(i, ToolCall))
        return tuple(call for call in calls if (call.step_id, call.call_id) not in answered)

    def usage_of(self, step: Step) -> Usage | None:
        """What a step that closes its turn reports: the turn's tokens; None if the model's call did not end."""
        return next((turn.usage for turn in self.turns if turn.index == step.turn), None)

    def message_of(self, step: Step) -> Message | None:
        """The message that a message step made."""
        return next((i for i in self.items if isinstance(i, Message) and i.step_id == step.id), None)

    def calls_of(self, step: Step) -> tuple[ToolCall, ...]:
        """The calls that a tool step made."""
        return tuple(i for i in self.items if isinstance(i, ToolCall) and i.step_id == step.id)

    def outputs_of(self, step: Step) -> tuple[ToolOutput, ...]:
        """What the calls of a tool step came to, in the order of the calls: they may have ended in another."""
        outputs = {i.call_id: i for i in self.items if isinstance(i, ToolOutput) and i.step_id == step.id}
        return tuple(outputs[call.call_id] for call in self.calls_of(step) if call.call_id in outputs)

    def running(self) -> dict[tuple[str, str], Execution]:
        """What the server has begun to run and not ended, by step and call; it may have stopped since."""
        return {execution.id: execution for execution in self.executions if execution.outcome == "running"}


class RunChange(Struct, frozen=True, kw_only=True):
    """What a driver or a command writes in one transaction: the run as it is now, and what came new."""

    run: Run
    turn: Turn | None = None
    steps: tuple[Step, ...] = ()
    """New ones, and changed ones whole."""
    items: tuple[Item, ...] = ()
    """New ones, and messages that changed."""
    executions: tuple[Execution, ...] = ()
    """Those that begin, and those that have ended."""
    collected: tuple[Collected, ...] = ()
    """What code that has ended left behind."""

    def then(self, later: "RunChange") -> "RunChange":
        """Return both as one; where they speak of the same thing, `later` holds."""
        return RunChange(
            run=later.run,
            turn=later.turn or self.turn,
            steps=_merged(self.steps, later.steps),
            items=_merged(self.items, later.items),
            executions=_merged(self.executions, later.executions),
            collected=(*self.collected, *later.collected),
        )


def _merged(old: tuple[Stored, ...], new: tuple[Stored, ...]) -> tuple[Stored, ...]:
    if not new:
        return old
    by_id: dict[object, Stored] = {value.id: value for value in (*old, *new)}
    return tuple(by_id.values())
