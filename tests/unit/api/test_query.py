import pytest
from starlette.datastructures import QueryParams

from retinue.api.query import page_query, wants_contents
from retinue.core.errors import InvalidRequest
from retinue.core.paging import PageQuery


def refusal(query: str) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as refused:
        page_query(QueryParams(query))
    return refused.value


@pytest.mark.parametrize("query", ["", "limit=&order=&after=&before="])
def test_a_page_is_the_newest_20_unless_asked_otherwise(query: str) -> None:
    assert page_query(QueryParams(query)) == PageQuery(limit=20, order="desc")


def test_a_page_is_what_was_asked_for() -> None:
    asked = page_query(QueryParams("limit=100&order=asc&after=a&before=b"))
    assert asked == PageQuery(limit=100, order="asc", after="a", before="b")


@pytest.mark.parametrize(
    ("limit", "message", "code"),
    [
        (
            "0",
            "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got 0 instead.",
            "integer_below_min_value",
        ),
        (
            "101",
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
            "integer_above_max_value",
        ),
        ("ten", "Invalid type for 'limit': expected an integer, but got 'ten' instead.", "invalid_type"),
        ("1.5", "Invalid type for 'limit': expected an integer, but got '1.5' instead.", "invalid_type"),
    ],
)
def test_a_limit_out_of_bounds_is_refused(limit: str, message: str, code: str) -> None:
    refused = refusal(f"limit={limit}")
    assert (refused.message, refused.param, refused.code) == (message, "limit", code)


@pytest.mark.parametrize("limit", ["9" * 5_000, "-" + "9" * 5_000, "%F0%9D%9F%8F" * 40])
def test_a_limit_of_any_length_is_refused(limit: str) -> None:
    assert refusal(f"limit={limit}").param == "limit"


def test_another_order_is_refused() -> None:
    refused = refusal("order=up")
    assert refused.message == "Invalid value: 'up'. Supported values are: 'asc' and 'desc'."
    assert refused.param == "order"


@pytest.mark.parametrize("name", ["after", "before"])
def test_a_cursor_that_no_id_can_be_is_refused(name: str) -> None:
    assert refusal(f"{name}=a%00b").param == name


@pytest.mark.parametrize("name", ["include[]", "include"])
def test_search_results_may_be_included(name: str) -> None:
    assert not wants_contents(QueryParams())
    assert wants_contents(QueryParams([(name, "step_details.tool_calls[*].file_search.results[*].content")]))


def test_nothing_else_may_be_included() -> None:
    with pytest.raises(InvalidRequest, match="Supported values are") as refused:
        wants_contents(QueryParams([("include[]", "everything")]))
    assert refused.value.param == "include"
