"""What an answer has to be by its format, whatever the schema."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.core.response_format import asks_for_json, problem_of, schema_of

OBJECT: dict[str, Any] = {"type": "json_object"}
NAMED: dict[str, Any] = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "null"}}}


@pytest.mark.parametrize("format_", [None, "auto", {"type": "text"}])
def test_text_has_no_problem(format_: Any) -> None:
    assert not asks_for_json(format_)
    assert problem_of("Oslo!", format_) is None


@pytest.mark.parametrize("text", ["{}", ' {"a": [1, {"b": null}]}\n', '{"é": "\\u00e9"}'])
def test_an_object_is_what_json_object_asks_for(text: str) -> None:
    assert problem_of(text, OBJECT) is None


@pytest.mark.parametrize("text", ["Oslo", "", "```json\n{}\n```", '{"a": NaN}', "{} {}", '{"a": 1,}', "\ud800"])
def test_what_is_no_json_is_told_with_what_is_wrong(text: str) -> None:
    problem = problem_of(text, OBJECT)
    assert problem is not None
    assert problem.startswith("The answer is not JSON: ")


@pytest.mark.parametrize("text", ["[1]", "null", '"{}"', "0"])
def test_other_json_is_no_object(text: str) -> None:
    assert problem_of(text, OBJECT) == "The answer is JSON, but not an object."


@pytest.mark.parametrize("depth", [10_000, 4_000_000])
def test_json_that_nobody_can_read_is_told(depth: int) -> None:
    assert problem_of("[" * depth + "]" * depth, OBJECT) == "The answer is nested too deeply to be read."


@given(st.text('{}[]",:\\eE+-.0189tfnrulase \n\x00\ud800é'))
def test_what_is_taken_for_json_is_json(text: str) -> None:
    if problem_of(text, NAMED) is None:
        json.loads(text, parse_constant=pytest.fail)


def test_json_schema_may_ask_for_any_json() -> None:
    assert problem_of("[1]", NAMED) is None
    assert problem_of("one", NAMED) is not None


@pytest.mark.parametrize(
    ("format_", "schema"),
    [(NAMED, '{"type":"null"}'), (OBJECT, None), ("auto", None), (None, None), ({"type": "json_schema"}, None)],
)
def test_the_schema_is_the_named_one(format_: Any, schema: str | None) -> None:
    assert schema_of(format_) == schema


@given(st.text(st.characters(codec=None, exclude_categories=())) | st.text('[]{}",:\\0e'))
def test_any_text_is_judged(text: str) -> None:
    assert isinstance(problem_of(text, OBJECT), str | None)
