"""Pages of lists, by the ids at their ends."""

from collections.abc import Sequence
from typing import Generic, Literal, TypeVar

from msgspec import Struct

T = TypeVar("T")


class PageQuery(Struct, frozen=True, kw_only=True):
    """Which page of a list: at most `limit` entries strictly after and before the ids given."""

    limit: int = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
    before: str | None = None


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """One page, in the order asked for."""

    data: Sequence[T]
    has_more: bool
