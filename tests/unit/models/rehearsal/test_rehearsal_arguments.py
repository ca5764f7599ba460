"""How arguments are filled from the text and the schema."""

from typing import Any

import jsonschema
import pytest

from retinue.models.rehearsal.arguments import arguments_for
from retinue.models.rehearsal.functions import Function

TEXT = {"type": "string"}


def _function(properties: dict[str, Any], *required: str) -> Function:
    return Function(name="act", parameters={"type": "object", "properties": properties, "required": list(required)})


def _filled(text: str, properties: dict[str, Any], *required: str) -> dict[str, Any]:
    [arguments] = arguments_for(_function(properties, *required), text)
    return arguments


@pytest.mark.parametrize(
    ("name", "schema", "text", "value"),
    [
        ("email", {"type": "string", "format": "email"}, "Write to ada@example.com.", "ada@example.com"),
        ("url", TEXT, "Open https://example.com/a?b=1, please", "https://example.com/a?b=1"),
        ("date", {"type": "string", "format": "date"}, "on March 5, 2026", "2026-03-05"),
        ("date", {"type": "string", "format": "date"}, "on 5 March 2026", "2026-03-05"),
        ("when", TEXT, "Remind me tomorrow", "tomorrow"),
        ("start", {"type": "string", "format": "date-time"}, "2025-03-04 at 3 pm", "2025-03-04T15:00:00Z"),
        ("time", TEXT, "at 3:30 pm", "15:30"),
        ("query", TEXT, "Search the web for the best pizza in Rome", "the best pizza in Rome"),
        ("message", TEXT, 'Say "Good night" to all', "Good night"),
        ("title", TEXT, "Create an event called Review on Monday", "Review"),
        ("person", TEXT, "Please invite Ada Lovelace to lunch", "Ada Lovelace"),
        ("order_id", TEXT, "Where is order #A-77?", "A-77"),
        ("order_id", TEXT, "Where is order 4711?", "4711"),
        ("symbol", TEXT, "the price of AAPL", "AAPL"),
        ("expression", TEXT, "what is 3 plus 4?", "3 + 4"),
        ("code", {"type": "string", "description": "Python to run"}, "what is 3*4?", "print(3*4)"),
        ("count", {"type": "integer"}, "send 12 of them", 12),
        ("amount", {"type": "number"}, "pay 99.50 now", 99.5),
        ("percent", {"type": "integer", "maximum": 100}, "In 2024, set it to 40", 40),
        ("unit", {"enum": ["celsius", "fahrenheit"]}, "in Fahrenheit, please", "fahrenheit"),
        ("urgent", {"type": "boolean"}, "This is urgent", True),
        ("urgent", {"type": "boolean"}, "This is not urgent", False),
        ("code", {"type": "string", "pattern": "^[A-Z]{3}-\\d{2}$"}, "no code here", "AAA-00"),
        ("mode", {"type": "string", "default": "fast"}, "go", "fast"),
        ("kind", {"const": "fixed"}, "go", "fixed"),
        ("names", {"type": "array", "items": TEXT}, "Meet Ada, Bob and Eve", ["Ada", "Bob", "Eve"]),
        ("numbers", {"type": "array", "items": {"type": "number"}}, "add 1, 2 and 3.5", [1, 2, 3.5]),
        ("days", {"type": "array", "items": {"enum": ["mon", "tue", "wed"]}}, "on wed and mon", ["wed", "mon"]),
    ],
)
def test_required_parameter_is_filled_from_the_text(name: str, schema: dict[str, Any], text: str, value: Any) -> None:
    assert _filled(text, {name: schema}, name) == {name: value}


def test_numbers_go_to_the_parameters_whose_words_stand_beside_them() -> None:
    properties = {"adults": {"type": "integer"}, "nights": {"type": "integer"}}
    assert _filled("3 nights for 2 adults", properties, "adults", "nights") == {"adults": 2, "nights": 3}


def test_from_and_to_follow_the_words_and_not_the_order() -> None:
    properties = {"to": TEXT, "from": TEXT}
    assert _filled("Fly from London to New York", properties, "to", "from") == {"to": "New York", "from": "London"}


def test_quoted_texts_go_to_the_parameters_that_stand_before_them() -> None:
    properties = {"body": TEXT, "subject": TEXT}
    text = 'Send it with subject "Lunch" and body "At noon?"'
    assert _filled(text, properties, "body", "subject") == {"body": "At noon?", "subject": "Lunch"}


def test_optional_parameter_is_left_out_where_the_text_says_nothing() -> None:
    properties = {"city": TEXT, "unit": {"enum": ["c", "f"]}, "days": {"type": "integer"}}
    assert _filled("Weather in Paris", properties, "city") == {"city": "Paris"}


def test_optional_parameter_is_filled_where_the_text_is_clear() -> None:
    properties = {"city": TEXT, "unit": {"enum": ["celsius", "kelvin"]}, "days": {"type": "integer"}}
    said = "Weather in Paris for 3 days in kelvin"
    assert _filled(said, properties, "city") == {"city": "Paris", "unit": "kelvin", "days": 3}


def test_nullable_parameter_is_null_where_the_text_says_nothing() -> None:
    properties = {"city": TEXT, "unit": {"type": ["string", "null"]}, "day": {"anyOf": [TEXT, {"type": "null"}]}}
    filled = _filled("Weather in Paris", properties, "city", "unit", "day")
    assert filled == {"city": "Paris", "unit": None, "day": None}


def test_first_parameter_counts_as_required_where_none_is() -> None:
    assert _filled("Weather in Paris", {"city": TEXT, "state": TEXT}) == {"city": "Paris"}


def test_nested_objects_are_filled() -> None:
    trip = {"type": "object", "properties": {"from": TEXT, "to": TEXT}, "required": ["from", "to"]}
    filled = _filled("From Paris to Rome", {"trip": trip}, "trip")
    assert filled == {"trip": {"from": "Paris", "to": "Rome"}}


def test_array_of_objects_has_one() -> None:
    person = {"type": "object", "properties": {"name": TEXT, "age": {"type": "integer"}}, "required": ["name"]}
    filled = _filled("Add Ada", {"people": {"type": "array", "items": person}}, "people")
    assert filled == {"people": [{"name": "Ada"}]}


def test_references_are_followed() -> None:
    parameters = {
        "type": "object",
        "properties": {"place": {"$ref": "#/$defs/Place"}},
        "required": ["place"],
        "$defs": {"Place": {"type": "object", "properties": {"city": TEXT}, "required": ["city"]}},
    }
    function = Function(name="act", parameters=parameters)
    assert arguments_for(function, "in Paris") == [{"place": {"city": "Paris"}}]


def test_one_call_for_each_order_number() -> None:
    function = _function({"order_id": {"type": "integer"}}, "order_id")
    assert arguments_for(function, "orders 12 and 15") == [{"order_id": 12}, {"order_id": 15}]


def test_two_places_make_one_call_where_the_function_takes_two() -> None:
    function = _function({"origin": TEXT, "destination": TEXT}, "origin", "destination")
    filled = arguments_for(function, "How far is it between Paris and Berlin?")
    assert filled == [{"origin": "Paris", "destination": "Berlin"}]


def test_several_calls_share_what_is_said_once() -> None:
    unit = {"enum": ["celsius", "kelvin"]}
    function = _function({"city": TEXT, "unit": unit}, "city")
    assert arguments_for(function, "Paris and Rome in kelvin") == [
        {"city": "Paris", "unit": "kelvin"},
        {"city": "Rome", "unit": "kelvin"},
    ]


@pytest.mark.parametrize("text", ["", "Hello", "1 2 3", "Paris", 'a "b" c', "ada@example.com on 2025-01-01"])
def test_arguments_are_valid_whatever_is_said(text: str) -> None:
    properties = {
        "id": {"type": "string", "format": "uuid"},
        "level": {"type": "integer", "minimum": 3, "maximum": 5},
        "ratio": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "tags": {"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True},
        "code": {"type": "string", "pattern": "^[a-f0-9]{8}$"},
        "choice": {"anyOf": [{"type": "boolean"}, {"type": "object", "required": ["x"]}]},
        "short": {"type": "string", "maxLength": 3},
    }
    function = _function(properties, *properties)
    for arguments in arguments_for(function, text):
        jsonschema.validate(arguments, function.parameters)
