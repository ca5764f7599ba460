"""Executions: what this server ran of a model's calls, so that nothing is run twice unseen."""

from typing import Literal

from msgspec import Struct

from retinue.core.item import CallKind

Outcome = Literal["running", "done", "failed", "timed_out", "unknown"]
"""`unknown`: the server stopped while it ran, and it may have had its effect or not."""


class Execution(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tool call that the server runs: stored before it begins, and again when it has ended."""

    run_id: str
    step_id: str
    call_id: str
    name: str
    arguments: str
    """As the model wrote them."""
    idempotent: bool
    """Whether it may be run again when nobody knows if it ran."""
    key: str
    """By which the function knows the call again: the same in every attempt."""
    fence: int
    """Of the driver that began it."""
    started_at: float
    outcome: Outcome = "running"
    ended_at: float | None = None
    attempts: int = 1
    kind: CallKind = "function"
    error: str | None = None
    """What went wrong, in one sentence."""

    @property
    def id(self) -> tuple[str, str]:
        """Step and call: some models number their calls anew in every turn."""
        return self.step_id, self.call_id
