"""Runs: their statuses, the legal moves between them, and the values that a run carries."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct, structs

from retinue.core.assistant import Metadata, ReasoningEffort, ResponseFormat
from retinue.core.item import ToolCall
from retinue.core.step import RunError
from retinue.core.tools import FunctionTool, Tool, ToolChoice, ToolResources
from retinue.core.usage import Usage

EVENTS_PER_FENCE = 1_000_000_000
"""A driver that takes a run over numbers its events from the next multiple of this: whatever its predecessor
sent and could not store is smaller, so that a listener's `Last-Event-ID` stays true."""


class Status(StrEnum):
    """Where a run stands. Contract: "Run states"."""

    QUEUED = "queued"
    IN_PROGRESS = "in_progress"
    REQUIRES_ACTION = "requires_action"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    FAILED = "failed"
    COMPLETED = "completed"
    INCOMPLETE = "incomplete"
    EXPIRED = "expired"

    @property
    def final(self) -> bool:
        """True once nothing can change any more."""
        return not LEGAL[self]


LEGAL: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.IN_PROGRESS, Status.CANCELLING, Status.EXPIRED, Status.FAILED}),
    Status.IN_PROGRESS: frozenset(
        {
            Status.COMPLETED,
            Status.REQUIRES_ACTION,
            Status.FAILED,
            Status.INCOMPLETE,
            Status.CANCELLING,
            Status.EXPIRED,
        }
    ),
    Status.REQUIRES_ACTION: frozenset({Status.QUEUED, Status.CANCELLING, Status.EXPIRED}),
    # Completed: the answer was whole before the wish to cancel reached the driver.
    Status.CANCELLING: frozenset({Status.CANCELLED, Status.COMPLETED}),
    Status.CANCELLED: frozenset(),
    Status.FAILED: frozenset(),
    Status.COMPLETED: frozenset(),
    Status.INCOMPLETE: frozenset(),
    Status.EXPIRED: frozenset(),
}

LIVE: frozenset[Status] = frozenset(status for status in Status if not status.final)
"""A run in one of these locks its branch of the thread."""

RunIncompleteReason = Literal["max_completion_tokens", "max_prompt_tokens"]


class RunSpec(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run was asked to do: fixed when it is created, whatever happens to its assistant."""

    assistant_id: str
    model: str
    instructions: str = ""
    tools: tuple[Tool, ...] = ()
    tool_resources: ToolResources | None = None
    file_ids: tuple[str, ...] = ()
    """The assistant's files when the run was made, as v1 lists them."""
    tool_choice: ToolChoice = "auto"
    parallel_tool_calls: bool = True
    temperature: float | None = None
    top_p: float | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: ReasoningEffort | None = None
    max_prompt_tokens: int | None = None
    max_completion_tokens: int | None = None
    last_messages: int | None = None
    """The truncation strategy: None is `auto`."""
    served: tuple[str, ...] = ()
    """Names of the declared functions that this server runs itself: settings expose them to the run's assistant."""
    user: str | None = None
    """For whom these are called."""

    def serves(self, call: ToolCall) -> bool:
        """Whether this server runs a call: one of a hosted tool, or of a function that it serves."""
        return call.kind != "function" or call.name in self.served

    @property
    def may_serve(self) -> bool:
        """Whether any of its calls may be this server's to run."""
        return bool(self.served) or any(not isinstance(tool, FunctionTool) for tool in self.tools)


class Transition(Struct, frozen=True, array_like=True):
    """A status that the run reached: when (seconds since 1970), told by which event."""

    status: Status
    at: float
    event: int


class Run(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run over a thread. A new status makes a new value: see `moved`."""

    id: str
    thread_id: str
    branch: str
    created_at: float
    expires_at: float
    spec: RunSpec
    fence: int = 1
    """Grows with every take-over; a write that bears an older one is refused."""
    status: Status = Status.QUEUED
    started_at: float | None = None
    ended_at: float | None = None
    error: RunError | None = None
    incomplete: RunIncompleteReason | None = None
    pending: tuple[ToolCall, ...] = ()
    """The calls that the client is asked to answer while `requires_action`."""
    usage: Usage | None = None
    """Of all its turns; None until final."""
    cost_usd: float | None = None
    """US dollars of all its turns; None where a price is not known."""
    transitions: tuple[Transition, ...] = ()
    lost_drivers: int = 0
    """How many drivers in a row have had it and stored no turn: a run that kills its server must not do so for ever."""
    metadata: Metadata = {}

    @property
    def first_number(self) -> int:
        """The first number of an event that the holder of this fence may give."""
        return self.fence * EVENTS_PER_FENCE + 1

    def moved(self, status: Status, *, at: float, event: int) -> "Run":
        """Return the run in a new status. A move that the contract doesn't know raises ValueError.

        It goes by the last transition, not by `status`: a wish to cancel is stored before its driver tells it.
        """
        if self.transitions and status not in LEGAL[self.transitions[-1].status]:
            raise ValueError(f"A run can't go from {self.transitions[-1].status} to {status}.")
        return structs.replace(
            self,
            status=status,
            started_at=at if status is Status.IN_PROGRESS else self.started_at,
            ended_at=at if status.final else None,
            pending=self.pending if status is Status.REQUIRES_ACTION else (),
            transitions=(*self.transitions, Transition(status, at, event)),
        )
