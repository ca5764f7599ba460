"""What a thread has cost."""

from msgspec import Struct

from retinue.core.usage import Usage


class Spending(Struct, frozen=True, kw_only=True):
    """Tokens and dollars of all turns of a thread."""

    turns: int
    usage: Usage
    cost_usd: float | None
    """US dollars of the turns that have a known price; None where none has."""
    unpriced: int = 0
    """How many turns have none."""
