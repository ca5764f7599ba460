"""How a provider is, for people and pages."""

from collections.abc import Mapping

from msgspec import Struct

from retinue.models.provider.breaker import State


class Health(Struct, frozen=True, kw_only=True):
    """How a provider is at one moment; times in seconds."""

    provider: str
    state: State
    failures: int
    """In a row."""
    failing_for_s: float | None
    asked_again_in_s: float
    """0 is now."""
    why: str | None
    """The last failure."""
    running: int
    queued: int
    paused_s: Mapping[str, float]
    """Models that it asked to be left alone with, and for how long."""
