"""Turns: single calls of a model, and what went into each."""

from typing import Literal

from msgspec import Struct

from retinue.core.usage import Usage

Finish = Literal["stop", "tool_calls", "length", "content_filter", "broken_off"]
"""How a model's reply ended; one that was broken off ends its run."""


class Manifest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the model got to see in one turn, so that an answer can be explained afterwards."""

    items: tuple[tuple[int, int], ...] = ()
    """Positions of the thread's items that were sent: inclusive ranges."""
    dropped: int = 0
    """How many of the thread's items were left out by the truncation strategy or for want of room."""
    short: bool = False
    """Whether the first range begins where it does for want of room: the next turn's then begins there again."""
    cut: int = 0
    """How many tool outputs were cut in the middle."""
    tokens: int = 0
    """What the request comes to, counted here; at most, where it was plain that it has room."""
    room: int = 0
    """How many tokens it had room for."""
    tools: tuple[str, ...] = ()
    """Names of the tools that were offered."""
    notes: tuple[str, ...] = ()
    """What was left out or put in, in sentences."""


class Turn(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One model call that was answered, to its end or until it was broken off; what a crash broke off leaves none."""

    run_id: str
    index: int
    """Counted from 0 within the run."""
    model: str
    """The model that answered, by the provider's name for it."""
    provider: str = ""
    """Its provider's name in the settings; empty for the built-in model, and for a call that was broken off."""
    attempts: int = 1
    """How many calls it took until one was answered, other providers' counted."""
    problem: str | None = None
    """Why the reply is not what the run's `response_format` asks for: the model is asked again."""
    finish: Finish
    usage: Usage
    manifest: Manifest
    started_at: float
    ended_at: float
    first_delta_at: float | None = None
    cost_usd: float | None = None
    """US dollars; None where the model's price is not known."""
