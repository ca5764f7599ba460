"""Arguments as models write them: what is right reaches the function, of what is wrong the model reads why."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from tool_calls import run, told

from retinue.tools import ToolContext, tool


@dataclass
class Guest:
    name: str
    age: int = 30


@tool
def book(
    city: str,
    day: date,
    guests: list[Guest],
    stars: Annotated[int, Field(ge=1, le=5)] = 3,
    board: Literal["half", "full"] | None = None,
    context: ToolContext | None = None,
) -> str:
    """Book a hotel."""
    return f"{city} {day:%d.%m.%Y} {guests} {stars} {board}"


async def test_arguments_arrive_as_their_types() -> None:
    arguments = '{"city": "Oslo", "day": "2026-05-17", "guests": [{"name": "Ada"}], "board": "half"}'
    assert (await run(book, arguments)).output == "Oslo 17.05.2026 [Guest(name='Ada', age=30)] 3 half"


async def test_every_problem_is_named_with_what_was_expected_and_what_came() -> None:
    arguments = '{"day": "soon", "guests": [{"age": "x"}], "stars": 9, "board": "none", "town": 1}'
    assert (await told(book, arguments)).splitlines() == [
        "The arguments are not what the function takes:",
        "- city: is required, and was not given",
        '- day: input should be a valid date or datetime, input is too short; got "soon"',
        "- guests.0.name: is required, and was not given",
        '- guests.0.age: input should be a valid integer, unable to parse string as an integer; got "x"',
        "- stars: input should be less than or equal to 5; got 9",
        "- board: input should be 'half' or 'full'; got \"none\"",
        "- town: there is no such argument; the function takes: city, day, guests, stars, board",
    ]


@pytest.mark.parametrize(
    ("arguments", "reads"),
    [
        (
            '{"city": "Os',
            "The arguments are not valid JSON (EOF while parsing a string at line 1 column 12). Send an object.",
        ),
        ("Oslo", "The arguments are not valid JSON (expected value at line 1 column 1). Send an object."),
        (
            '{"city": "\\ud800"}',
            "The arguments are not valid JSON (unexpected end of hex escape at line 1 column 17). Send",
        ),
        ("[" * 100_000, "The arguments are not valid JSON (recursion limit exceeded at line 1 column 202)"),
        ("[]", "The arguments are not what the function takes:\n- arguments: input should be an object; got []"),
        ("null", "The arguments are not what the function takes:\n- arguments: input should be an object; got null"),
    ],
)
async def test_what_is_no_json_object_is_told(arguments: str, reads: str) -> None:
    assert (await told(book, arguments)).startswith(reads)


async def test_no_arguments_at_all_are_an_empty_object() -> None:
    assert (await run(lambda_like, "")).output == "called"
    assert (await run(lambda_like, " \n")).output == "called"


@tool(name="lambda-like")
def lambda_like() -> str:
    return "called"


async def test_long_values_and_many_problems_are_cut() -> None:
    arguments = json.dumps({"city": 1, **{f"n{number}": "x" * 1000 for number in range(1000)}})
    assert len(reads := await told(book, arguments)) < 2000
    assert reads.endswith("- and 993 more")


async def test_context_can_not_be_given_by_the_model() -> None:
    assert "context: there is no such argument" in await told(book, '{"context": {"user": "root"}}')


async def test_numbers_that_are_none_are_refused() -> None:
    def half(number: float) -> float:
        return number / 2

    assert "finite number" in await told(half, '{"number": NaN}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(
    st.text(st.characters(codec=None))
    | JSON.map(json.dumps)
    | st.dictionaries(st.sampled_from(["city", "guests", "x"]), JSON).map(json.dumps)
)
async def test_junk_is_told_and_never_raised(arguments: str) -> None:
    assert (await told(book, arguments)).startswith("The arguments are not")


VALUES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (str, st.text()),
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (bool, st.booleans()),
    (list[int], st.lists(st.integers())),
    (dict[str, float], st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False))),
    (int | None, st.none() | st.integers()),
    (
        Any,
        JSON.filter(
            lambda value: (
                "\\ud" not in json.dumps(value)
                and "Infinity" not in json.dumps(value)
                and "NaN" not in json.dumps(value)
            )
        ),
    ),
]


@given(st.data())
async def test_what_the_schema_allows_arrives_unchanged(data: st.DataObject) -> None:
    hint, values = data.draw(st.sampled_from(VALUES))
    given_value = data.draw(values)
    arrived: list[Any] = []

    def function(value: Any) -> None:
        arrived.append(value)

    function.__annotations__["value"] = hint
    result = await run(function, json.dumps({"value": given_value}))
    assert result.outcome == "done", result
    assert arrived == [given_value]


async def test_half_a_character_is_replaced() -> None:
    def echo(text: str) -> str:
        return text

    assert (await run(echo, '{"text": "a\ud83d\ude00\ud800"}')).output == "a😀\ufffd"
