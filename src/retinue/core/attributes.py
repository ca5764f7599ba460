"""Attributes of files in vector stores, and filters over them."""

from typing import Literal, assert_never

from msgspec import Struct

Value = str | int | float | bool
Attributes = dict[str, Value]

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin"]


class Comparison(Struct, frozen=True, kw_only=True):
    """One attribute held against a value; `in` and `nin` hold it against several."""

    operator: Operator
    key: str
    value: Value | tuple[str | int | float, ...]


class Compound(Struct, frozen=True, kw_only=True):
    """Several filters joined."""

    operator: Literal["and", "or"]
    filters: "tuple[Filter, ...]"


Filter = Comparison | Compound


def matches(filter_: Filter, attributes: Attributes) -> bool:
    """Whether a file with these attributes passes. One that lacks the attribute passes `ne` and `nin` alone."""
    match filter_:
        case Compound(operator="and", filters=filters):
            return all(matches(each, attributes) for each in filters)
        case Compound(filters=filters):
            return any(matches(each, attributes) for each in filters)
        case Comparison():
            return _holds(filter_, attributes)
    assert_never(filter_)


def _holds(comparison: Comparison, attributes: Attributes) -> bool:
    here = attributes.get(comparison.key)
    wanted = comparison.value
    match comparison.operator:
        case "eq":
            return _same(here, wanted)
        case "ne":
            return not _same(here, wanted)
        case "in":
            return _is_among(here, wanted)
        case "nin":
            return not _is_among(here, wanted)
        case "gt" | "gte" | "lt" | "lte" as operator:
            return _is_ordered(operator, here, wanted)
    assert_never(comparison.operator)


def _is_among(here: Value | None, wanted: object) -> bool:
    return any(_same(here, each) for each in (wanted if isinstance(wanted, tuple) else (wanted,)))


def _same(here: Value | None, wanted: object) -> bool:
    """Whether both are the same; true is not 1."""
    return here is not None and isinstance(here, bool) == isinstance(wanted, bool) and here == wanted


def _is_ordered(operator: Literal["gt", "gte", "lt", "lte"], here: Value | None, wanted: object) -> bool:
    """Whether numbers, or texts, stand in this order; nothing else has one."""
    if isinstance(here, str) and isinstance(wanted, str):
        order = (here > wanted) - (here < wanted)
    elif _is_number(here) and _is_number(wanted):
        assert isinstance(here, int | float)
        assert isinstance(wanted, int | float)
        order = (here > wanted) - (here < wanted)
    else:
        return False
    return {"gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
