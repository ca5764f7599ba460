"""Steps: what a run did, one message or one round of tool calls each."""

from typing import Literal

from msgspec import Struct

from retinue.core.assistant import Metadata
from retinue.core.errors import RunErrorCode
from retinue.core.usage import Usage

StepKind = Literal["message_creation", "tool_calls"]
StepStatus = Literal["in_progress", "completed", "cancelled", "failed", "expired"]


class RunError(Struct, frozen=True, kw_only=True):
    """Why a run or a step failed, in one sentence for people."""

    code: RunErrorCode
    message: str


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a run. Its items (the message, or the calls and outputs) bear its id."""

    id: str
    run_id: str
    thread_id: str
    assistant_id: str
    kind: StepKind
    turn: int
    """Which model call of the run it came from, counted from 0."""
    created_at: float
    expires_at: float
    """When its run expires."""
    first_event: int
    """Number of the event that announced it; its deltas bear the numbers that follow."""
    status: StepStatus = "in_progress"
    ended_at: float | None = None
    error: RunError | None = None
    usage: Usage | None = None
    message_id: str | None = None
    cuts: tuple[tuple[int, ...], ...] = ()
    """For each content part or call, the lengths of its deltas in code points: a replay repeats them exactly.

    A text's citations have deltas of their own: markers, which their places tell, and links, which are pieces of their
    own. An image has none. Of a file search's arguments nothing is told, of a code interpreter's the code.
    """
    last_event: int | None = None
    """Number of the event that ended it."""
    metadata: Metadata = {}
