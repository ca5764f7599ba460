"""Who is calling: travels with every model, tool and knowledge call."""

from msgspec import Struct


class Caller(Struct, frozen=True, kw_only=True):
    """The project a request acts in, and the person it acts for, where known."""

    project: str
    user: str | None = None
