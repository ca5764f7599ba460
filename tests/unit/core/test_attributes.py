"""Filters over attributes: each operator, what has no order, and the laws that hold of any filter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.attributes import Attributes, Comparison, Compound, Filter, Operator, Value, matches

KEYS = st.sampled_from("abc")
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.sampled_from(["", "a", "b", "10", "9"]), st.integers(-2, 2), st.floats(-2, 2), st.booleans()
)
ATTRIBUTES = st.dictionaries(KEYS, VALUES)
ORDERED = ("eq", "ne", "gt", "gte", "lt", "lte")


def compare(operator: Operator, key: str, value: Value | tuple[str | int | float, ...]) -> Comparison:
    return Comparison(operator=operator, key=key, value=value)


COMPARISONS = st.builds(compare, st.sampled_from(ORDERED), KEYS, VALUES)
FILTERS: st.SearchStrategy[Filter] = st.recursive(
    COMPARISONS,
    lambda inner: st.builds(
        lambda operator, filters: Compound(operator=operator, filters=tuple(filters)),
        st.sampled_from(["and", "or"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("operator", "value", "passes"),
    [
        ("eq", 5, True),
        ("eq", 5.0, True),
        ("eq", "5", False),
        ("ne", 5, False),
        ("ne", "5", True),
        ("gt", 4.5, True),
        ("gt", 5, False),
        ("gte", 5, True),
        ("lt", 5, False),
        ("lte", 5, True),
        ("gt", "4", False),
        ("lt", True, False),
        ("in", (4, 5), True),
        ("in", ("5",), False),
        ("nin", (4, 5), False),
        ("nin", (4,), True),
    ],
)
def test_a_number_is_held_against_a_value(operator: Operator, value: Value, passes: bool) -> None:
    assert matches(compare(operator, "n", value), {"n": 5}) is passes


@pytest.mark.parametrize(("operator", "passes"), [("eq", False), ("ne", True), ("lt", False), ("gte", False)])
def test_what_lacks_the_attribute_passes_what_denies_alone(operator: Operator, passes: bool) -> None:
    assert matches(compare(operator, "n", 5), {}) is passes
    assert matches(compare("nin", "n", (5,)), {})
    assert not matches(compare("in", "n", (5,)), {})


def test_true_is_no_number() -> None:
    for here, wanted in ((True, 1), (1, True), (False, 0.0)):
        assert not matches(compare("eq", "n", wanted), {"n": here})
    assert not matches(compare("in", "n", (1,)), {"n": True})
    assert not matches(compare("gte", "n", 1), {"n": True})


@given(ATTRIBUTES, KEYS, VALUES)
def test_ne_and_nin_are_what_eq_and_in_are_not(attributes: Attributes, key: str, value: Value) -> None:
    assert matches(compare("eq", key, value), attributes) != matches(compare("ne", key, value), attributes)
    if not isinstance(value, bool):
        several = (value,)
        assert matches(compare("in", key, several), attributes) != matches(compare("nin", key, several), attributes)
        assert matches(compare("in", key, several), attributes) == matches(compare("eq", key, value), attributes)


@given(ATTRIBUTES, KEYS, VALUES)
def test_an_order_is_strict_or_equal(attributes: Attributes, key: str, value: Value) -> None:
    gt, gte, lt, lte, eq = [
        matches(compare(operator, key, value), attributes) for operator in ("gt", "gte", "lt", "lte", "eq")
    ]
    assert not (gt and lt)
    assert (gt <= gte, lt <= lte) == (True, True)
    if gte or lte:
        assert (gte and lte) == eq


@given(FILTERS, FILTERS, ATTRIBUTES)
def test_joined_filters_are_all_or_any_of_them(one: Filter, other: Filter, attributes: Attributes) -> None:
    each = [matches(filter_, attributes) for filter_ in (one, other)]
    assert matches(Compound(operator="and", filters=(one, other)), attributes) == all(each)
    assert matches(Compound(operator="or", filters=(one, other)), attributes) == any(each)
