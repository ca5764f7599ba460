"""The seam to what a model may call on this server."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from retinue.core.container import Collected
from retinue.core.execution import Outcome
from retinue.core.item import CallKind, Hit, ToolCall, Written
from retinue.core.run import Run
from retinue.core.step import RunError
from retinue.core.tools import FunctionTool, RankingOptions
from retinue.store import Scope


class ToolContext(Struct, frozen=True, kw_only=True):
    """For whom and within what a function is called. A parameter of this type is not shown to the model."""

    project: str
    user: str | None
    """Whom the run is for, as its caller says: the thread's metadata among others, which every holder of a key of the
    project writes. It tells users apart, and proves nobody's identity."""
    assistant_id: str
    thread_id: str
    run_id: str
    call_id: str
    key: str
    """The same whenever this very call is run again, so that what it does can be done once."""


class ToolResult(Struct, frozen=True, kw_only=True):
    """What a call came to. Whatever went wrong, `output` is what the model gets to read."""

    output: str
    outcome: Outcome = "done"
    error: str | None = None
    """Why it is not `done`, in one sentence."""
    attempts: int = 1
    hits: tuple[Hit, ...] = ()
    """What a file search found: where in `output`."""
    ranking: RankingOptions | None = None
    """How a file search ranked; None where nothing was searched for."""
    charts: tuple[str, ...] = ()
    """Of code: as in `ToolOutput`, like the two that follow."""
    files: tuple[Written, ...] = ()
    notes: tuple[str, ...] = ()
    collected: Collected | None = None
    """What code left behind, to be stored with the output."""
    ends_run: RunError | None = None
    """Why the run fails with this call: the server can't run it, and no other words of the model's change that."""


class Exposed(Struct, frozen=True, kw_only=True):
    """A function that runs on this server for a project."""

    name: str
    assistants: tuple[str, ...] | None = None
    """The ids of those that it runs for; None is every assistant of the project."""


class Toolbox(Protocol):
    """The functions of this server, and who may have them run."""

    def served(self, project: str, assistant_id: str, names: Sequence[str]) -> tuple[str, ...]:
        """Return those of the declared functions that run here: settings expose them to the assistant."""
        ...

    def exposed(self, project: str) -> tuple[Exposed, ...]:
        """Return the functions that run here for the project, or for some assistants of it."""
        ...

    def declaration(self, name: str) -> FunctionTool:
        """Return the function as the model gets to see it."""
        ...

    def idempotent(self, name: str) -> bool:
        """Whether a call of the function may be repeated when nobody knows if it ran. False for one that is gone."""
        ...

    async def run(self, name: str, arguments: str, context: ToolContext) -> ToolResult:
        """Run a call; `arguments` is JSON as the model wrote it. Never raises: what fails is told in the result."""
        ...


class HostedTool(Protocol):
    """A tool of the API's own that runs on this server, such as file search."""

    idempotent: bool
    """Whether a call may be repeated when nobody knows if it ran."""

    async def run(self, scope: Scope, run: Run, call: ToolCall) -> ToolResult:
        """Run a call of a live run's. Never raises: what fails is told in the result."""
        ...


HostedTools = Mapping[CallKind, HostedTool]


class NoTools:
    """A toolbox with nothing in it."""

    def served(self, project: str, assistant_id: str, names: Sequence[str]) -> tuple[str, ...]:
        """Return nothing: every function is the client's."""
        return ()

    def exposed(self, project: str) -> tuple[Exposed, ...]:
        """Return nothing."""
        return ()

    def declaration(self, name: str) -> FunctionTool:
        """Raise KeyError: there is none."""
        raise KeyError(name)

    def idempotent(self, name: str) -> bool:
        """Return False."""
        return False

    async def run(self, name: str, arguments: str, context: ToolContext) -> ToolResult:
        """Say that there is no such function any more, as a run may find that began under other settings."""
        error = f"The server has no function '{name}' any more."
        return ToolResult(output=error, outcome="failed", error=error)
