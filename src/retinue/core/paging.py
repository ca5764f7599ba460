"""Pages of lists, by the ids at their ends."""

from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeVar

from msgspec import Struct

from retinue.core.errors import InvalidRequest

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


def page_of(values: Sequence[T], query: PageQuery, *, id_of: Callable[[T], str]) -> Page[T]:
    """Return a page of a short list that is at hand, oldest first; raises InvalidRequest for a cursor not in it."""
    ordered = list(values if query.order == "asc" else reversed(values))
    ids = [id_of(value) for value in ordered]
    low = 0 if query.after is None else _place(ids, "after", query.after) + 1
    high = len(ids) if query.before is None else _place(ids, "before", query.before)
    if query.after is None and query.before is not None:
        data = ordered[max(low, high - query.limit) : high]
        return Page(data=data, has_more=high - query.limit > low)
    return Page(data=ordered[low : min(high, low + query.limit)], has_more=low + query.limit < high)


def _place(ids: list[str], param: str, id_: str) -> int:
    if id_ not in ids:
        raise unknown_cursor(param, id_)
    return ids.index(id_)


def unknown_cursor(param: str, id_: str) -> InvalidRequest:
    """Return the error for a cursor that nothing in the list bears."""
    return InvalidRequest(
        f"Invalid '{param}': nothing in this list has the id '{id_}'.", param=param, code="invalid_value"
    )
