"""Which functions are called, how often, and when not."""

import json
from typing import Any

import pytest
from rehearsal_driver import ask, assistant, call, function, output

from retinue.models import CallPiece

TEXT = {"type": "string"}
WEATHER = function("get_weather", "Get the current weather in a given location", location=TEXT)
TEMPERATURE = function(
    "get_current_temperature",
    "Get the current temperature for a specific location",
    location={"type": "string", "description": "The city and state, e.g., San Francisco, CA"},
    unit={"type": "string", "enum": ["Celsius", "Fahrenheit"]},
)
RAIN = function("get_rain_probability", "Get the probability of rain for a specific location", location=TEXT)
TIME = function("get_time", "Get the time in a city", city=TEXT)
MAIL = function("send_email", "Send an e-mail to a person", to=TEXT, subject=TEXT, body=TEXT)
CALCULATE = function("calculate", "Evaluate an arithmetic expression", expression=TEXT)
USER = function("get_user_name", "Get the name of a user")
ALL = (WEATHER, TIME, MAIL, CALCULATE, USER)

ASKED = "What is the weather in Paris and Berlin?"
PARIS = call("a", "get_weather", '{"location": "Paris"}')
BERLIN = call("b", "get_weather", '{"location": "Berlin"}')


async def _calls(*messages: Any, **settings: Any) -> list[tuple[str, Any]]:
    heard = await ask(*messages, **settings)
    return [(name, json.loads(arguments)) for name, arguments in heard.calls]


async def test_function_is_called_when_its_name_is_asked_for() -> None:
    assert await _calls("How is the weather in Paris?", tools=ALL) == [("get_weather", {"location": "Paris"})]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        (ASKED, ["Paris", "Berlin"]),
        ("weather in paris and berlin please", ["paris", "berlin"]),
        ("The weather in Paris, Berlin and Rome today?", ["Paris", "Berlin", "Rome"]),
        ("Weather in Boston, MA and San Francisco, CA", ["Boston, MA", "San Francisco, CA"]),
        ("What's the weather in Paris, France?", ["Paris, France"]),
        ("Compare the weather in New York and Rio de Janeiro", ["New York", "Rio de Janeiro"]),
    ],
)
async def test_one_call_for_each_place_that_the_text_names(asked: str, places: list[str]) -> None:
    assert await _calls(asked, tools=(WEATHER,)) == [("get_weather", {"location": place}) for place in places]


@pytest.mark.parametrize(
    "asked",
    [
        "the temperature and the rain probability in San Francisco",
        "What's the weather in San Francisco today and the likelihood it'll rain?",
    ],
)
async def test_two_functions_are_called_side_by_side(asked: str) -> None:
    assert await _calls(asked, tools=(TEMPERATURE, RAIN)) == [
        ("get_current_temperature", {"location": "San Francisco", "unit": "Celsius"}),
        ("get_rain_probability", {"location": "San Francisco"}),
    ]


async def test_each_function_gets_the_place_that_is_named_with_it() -> None:
    assert await _calls("the weather in Paris and the time in Tokyo", tools=ALL) == [
        ("get_weather", {"location": "Paris"}),
        ("get_time", {"city": "Tokyo"}),
    ]


async def test_a_sum_goes_to_the_function_that_takes_expressions() -> None:
    assert await _calls("What is 12*(3+4)?", tools=ALL) == [("calculate", {"expression": "12*(3+4)"})]


async def test_function_without_parameters_is_called_with_an_empty_object() -> None:
    assert await _calls("Please use get_location", tools=(function("get_location"),)) == [("get_location", {})]


async def test_function_without_a_schema_is_called_with_an_empty_object() -> None:
    bare = {"type": "function", "function": {"name": "ping_server"}}
    assert await _calls("ping the server", tools=(bare,)) == [("ping_server", {})]


@pytest.mark.parametrize(
    "said",
    [
        "Hello!",
        "Hi Ada, good to see you",
        "Thank you very much",
        "What can you do?",
        "Write a poem about the sea",
        "Tell me a joke",
        "What is my name?",
        "",
    ],
)
async def test_small_talk_calls_nothing(said: str) -> None:
    assert await _calls(said, tools=ALL) == []


async def test_no_function_is_called_without_tools() -> None:
    assert await _calls(ASKED) == []


async def test_choice_none_never_calls() -> None:
    assert await _calls(ASKED, tools=ALL, tool_choice="none") == []


async def test_choice_required_calls_the_best_match() -> None:
    assert await _calls("The time in Rome?", tools=ALL, tool_choice="required") == [("get_time", {"city": "Rome"})]


async def test_choice_required_calls_the_first_function_where_none_matches() -> None:
    [(name, arguments)] = await _calls("Hello", tools=(TEMPERATURE, RAIN), tool_choice="required")
    assert name == "get_current_temperature"
    assert arguments == {"location": "San Francisco, CA", "unit": "Celsius"}


async def test_named_choice_calls_that_function() -> None:
    named = {"type": "function", "function": {"name": "get_time"}}
    [(name, _)] = await _calls("Hello", tools=ALL, tool_choice=named)
    assert name == "get_time"


@pytest.mark.parametrize("choice", ["auto", "required", {"type": "function", "function": {"name": "get_weather"}}])
async def test_nothing_is_called_again_once_all_is_answered(choice: Any) -> None:
    messages = (ASKED, assistant(None, PARIS, BERLIN), output("a", "sun"), output("b", "rain"))
    heard = await ask(*messages, tools=(WEATHER,), tool_choice=choice)
    assert heard.calls == []
    assert heard.finished.reason == "stop"


async def test_calls_come_one_by_one_where_parallel_calls_are_off() -> None:
    settings: dict[str, Any] = {"tools": (WEATHER,), "parallel_tool_calls": False}
    assert await _calls(ASKED, **settings) == [("get_weather", {"location": "Paris"})]
    once = (ASKED, assistant(None, PARIS), output("a", "sun"))
    assert await _calls(*once, **settings) == [("get_weather", {"location": "Berlin"})]
    assert await _calls(*once, assistant(None, BERLIN), output("b", "rain"), **settings) == []


async def test_a_new_question_calls_again_whatever_was_answered_before() -> None:
    messages = ("Weather in Rome?", assistant(None, PARIS), output("a", "sun"), assistant("Sunny."), "Weather in Rome?")
    assert await _calls(*messages, tools=(WEATHER,)) == [("get_weather", {"location": "Rome"})]


async def test_calls_come_in_fragments_the_first_with_id_and_name() -> None:
    heard = await ask(ASKED, tools=(WEATHER,))
    first, *rest = [event for event in heard.events if isinstance(event, CallPiece) and event.index == 0]
    assert first.name == "get_weather"
    assert len(first.id or "") == len("call_") + 24
    assert len(rest) > 1
    assert all(event.id is None and event.name is None for event in rest)
    assert heard.finished.reason == "tool_calls"


async def test_call_ids_differ() -> None:
    heard = await ask(ASKED, tools=(WEATHER,))
    ids = {id_ for event in heard.events if (id_ := getattr(event, "id", None))}
    assert len(ids) == 2


async def test_the_same_request_gets_the_same_calls() -> None:
    assert await _calls(ASKED, tools=ALL) == await _calls(ASKED, tools=ALL)
