"""Query strings of lists."""

import re
from typing import Literal, cast

from starlette.datastructures import QueryParams

from retinue.core.errors import InvalidRequest
from retinue.core.paging import PageQuery

_LIMIT = 20
_MAX_LIMIT = 100


def page_query(query: QueryParams, *, default: int = _LIMIT, most: int = _MAX_LIMIT) -> PageQuery:
    """Return the page that is asked for, of `default` entries and `most` at most; raises InvalidRequest."""
    order = query.get("order") or "desc"
    if order not in ("asc", "desc"):
        raise InvalidRequest(
            f"Invalid value: {order!r}. Supported values are: 'asc' and 'desc'.", param="order", code="invalid_value"
        )
    return PageQuery(
        limit=_limit(query.get("limit"), default, most),
        order=cast(Literal["asc", "desc"], order),  # one of the two, as checked above
        after=id_in(query, "after"),
        before=id_in(query, "before"),
    )


def wants_contents(query: QueryParams) -> bool:
    """Whether `include[]` asks for the contents of what file searches found; refuses whatever else it names."""
    if not query:
        return False
    allowed = "step_details.tool_calls[*].file_search.results[*].content"
    asked = [*query.getlist("include[]"), *query.getlist("include")]
    for value in asked:
        if value != allowed:
            raise InvalidRequest(
                f"Invalid value: {value!r}. Supported values are: '{allowed}'.", param="include", code="invalid_value"
            )
    return bool(asked)


def _limit(text: str | None, default: int, most: int) -> int:
    if not text:
        return default
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise InvalidRequest(
            f"Invalid type for 'limit': expected an integer, but got {text[:20]!r} instead.",
            param="limit",
            code="invalid_type",
        )
    limit = int(text)
    if limit < 1:
        raise _out_of_range("below minimum", ">= 1", limit, "integer_below_min_value")
    if limit > most:
        raise _out_of_range("above maximum", f"<= {most}", limit, "integer_above_max_value")
    return limit


def _out_of_range(which: str, bound: str, limit: int, code: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid 'limit': integer {which} value. Expected a value {bound}, but got {limit} instead.",
        param="limit",
        code=code,
    )


def id_in(query: QueryParams, name: str) -> str | None:
    """Return the id that a parameter holds, if there is one; raises InvalidRequest for what can be none."""
    id_ = query.get(name) or None
    if id_ and "\x00" in id_:
        raise InvalidRequest(f"Invalid '{name}': it holds a NUL character.", param=name, code="invalid_value")
    return id_
