"""Histories of runs for tests of the core, made by hand."""

from msgspec import structs

from retinue.core.execution import Execution
from retinue.core.history import History
from retinue.core.item import Message, Text, ToolCall, ToolOutput
from retinue.core.run import EVENTS_PER_FENCE, Run, RunSpec, Status
from retinue.core.step import Step
from retinue.core.turn import Finish, Manifest, Turn
from retinue.core.usage import Usage

NOW = 1_700_000_000.0
E = EVENTS_PER_FENCE


def run(*statuses: Status, spec: RunSpec | None = None) -> Run:
    """A run that went through these statuses after it was queued; event n+1 of its fence told the n-th."""
    made = Run(
        id="run_1",
        thread_id="thread_1",
        branch="branch_1",
        created_at=NOW,
        expires_at=NOW + 600,
        spec=spec or RunSpec(assistant_id="asst_1", model="m"),
    ).moved(Status.QUEUED, at=NOW, event=E + 1)
    for number, status in enumerate(statuses, start=2):
        made = made.moved(status, at=NOW + number, event=E + number)
    return made


def step(id_: str, *, kind: str = "tool_calls", turn: int = 0, first: int = 3) -> Step:
    made = Step(
        id=id_,
        run_id="run_1",
        thread_id="thread_1",
        assistant_id="asst_1",
        kind="tool_calls",
        turn=turn,
        created_at=NOW,
        expires_at=NOW + 600,
        first_event=E + first,
    )
    return structs.replace(made, kind=kind)


def turn(index: int = 0, finish: Finish = "tool_calls", usage: Usage | None = None, cost: float | None = 0.5) -> Turn:
    return Turn(
        run_id="run_1",
        index=index,
        model="m",
        finish=finish,
        usage=usage or Usage(prompt=10, completion=5),
        manifest=Manifest(),
        started_at=NOW,
        ended_at=NOW,
        cost_usd=cost,
    )


def call(name: str, *, step: str = "step_1", arguments: str = "{}") -> ToolCall:
    return ToolCall(
        id=f"item_{step}_{name}",
        run_id="run_1",
        step_id=step,
        created_at=NOW,
        call_id=f"call_{name}",
        name=f"get_{name}",
        arguments=arguments,
    )


def output(of: ToolCall, text: str = "42") -> ToolOutput:
    return ToolOutput(
        id=f"out_{of.id}", run_id="run_1", step_id=of.step_id, created_at=NOW, call_id=of.call_id, output=text
    )


def execution(of: ToolCall, *, fence: int = 1, idempotent: bool = False) -> Execution:
    return Execution(
        run_id="run_1",
        step_id=of.step_id,
        call_id=of.call_id,
        name=of.name,
        arguments=of.arguments,
        idempotent=idempotent,
        key=f"run_1:{of.id}",
        fence=fence,
        started_at=NOW,
    )


def message(id_: str, text: str, *, step: str = "step_1", status: str = "in_progress") -> Message:
    made = Message(
        id=id_,
        thread_id="thread_1",
        role="assistant",
        created_at=NOW,
        content=(Text(text),) if text else (),
        run_id="run_1",
        step_id=step,
        assistant_id="asst_1",
    )
    return structs.replace(made, status=status)


def waiting(*names: str) -> History:
    """A run that called these functions and waits for what they come to."""
    calls = tuple(call(name) for name in names)
    asked = run(Status.IN_PROGRESS).moved(Status.REQUIRES_ACTION, at=NOW + 3, event=E + 9)
    open_step = structs.replace(step("step_1"), cuts=tuple((2,) for _ in names))
    return History(run=structs.replace(asked, pending=calls), turns=(turn(),), steps=(open_step,), items=calls)
