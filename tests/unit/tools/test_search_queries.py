import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.tools.queries import MAX_CALL_QUERIES, MAX_CALL_QUERY, queries_in


@pytest.mark.parametrize(
    ("arguments", "queries"),
    [
        ('{"queries": ["days of leave", "pay"]}', ("days of leave", "pay")),
        ('{"queries": "days of leave"}', ("days of leave",)),
        ('{"query": "pay"}', ("pay",)),
        ('{"queries": [], "query": "pay"}', ("pay",)),
        ('["pay", "leave"]', ("pay", "leave")),
        ('"pay"', ("pay",)),
        ('{"queries": ["pay", "pay", " ", 7, null, ["x"], "a\\n b"]}', ("pay", "a b")),
        ('{"queries": ["\ud800pay"]}', ("\ufffdpay",)),
    ],
)
def test_what_a_model_means_is_taken(arguments: str, queries: tuple[str, ...]) -> None:
    assert queries_in(arguments) == queries


@pytest.mark.parametrize("arguments", ["", "{", "{}", "null", "7", '{"queries": {}}', '{"q": "pay"}', "[" * 100_000])
def test_what_holds_no_query_is_none(arguments: str) -> None:
    assert queries_in(arguments) == ()


def test_too_many_and_too_long_ones_are_cut() -> None:
    queries = queries_in('["' + '", "'.join(f"{'long ' * 500}{n}" for n in range(9)) + '"]')
    assert len(queries) == 1  # the same to their end
    assert len(queries[0]) == MAX_CALL_QUERY
    assert len(queries_in('["1", "2", "3", "4", "5", "6"]')) == MAX_CALL_QUERIES


@given(st.text())
def test_anything_may_come(arguments: str) -> None:
    assert len(queries_in(arguments)) <= MAX_CALL_QUERIES
