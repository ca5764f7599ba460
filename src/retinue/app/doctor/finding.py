"""What `retinue doctor` has found out."""

from typing import Literal

from msgspec import Struct

State = Literal["ok", "hint", "broken"]
"""`hint`: something that is not needed is not there; `broken`: something that is set up does not work."""


class Finding(Struct, frozen=True, kw_only=True):
    """One of them."""

    about: str
    state: State
    text: str
    advice: str | None = None
    """What to do."""
