"""Whole prompts come to what OpenAI's API counted of them.

The examples: https://github.com/openai/openai-cookbook, "How to count tokens with tiktoken", and
https://github.com/hmarr/openai-chat-tokens (MIT), which asked gpt-3.5-turbo.
"""

from typing import Any

import pytest

from retinue.models.tokens import counter_for

Json = dict[str, Any]


def user(text: str) -> Json:
    return {"role": "user", "content": text}


def system(text: str, **more: str) -> Json:
    return {"role": "system", "content": text, **more}


def function(name: str, description: str | None = None, **properties: Json) -> Json:
    declared: Json = {"name": name, "parameters": {"type": "object", "properties": properties}}
    return {"type": "function", "function": declared | ({"description": description} if description else {})}


def required(tool: Json, *names: str) -> Json:
    tool["function"]["parameters"]["required"] = list(names)
    return tool


JARGON = [
    system("You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
    system("New synergies will help drive top-line growth.", name="example_user"),
    system("Things working well together will increase revenue.", name="example_assistant"),
    system(
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        name="example_user",
    ),
    system("Let's talk later when we're less busy about how to do better.", name="example_assistant"),
    user("This late pivot means we don't have time to boil the ocean for the client deliverable."),
]
WEATHER = [
    system("You are a helpful assistant that can answer to questions about the weather."),
    user("What's the weather like in San Francisco?"),
]
GET_WEATHER = required(
    function(
        "get_current_weather",
        "Get the current weather in a given location",
        location={"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
        unit={
            "type": "string",
            "description": "The unit of temperature to return",
            "enum": ["celsius", "fahrenheit"],
        },
    ),
    "location",
)
INGREDIENT = {
    "type": "object",
    "required": ["name", "unit", "amount"],
    "properties": {
        "name": {"type": "string"},
        "unit": {"enum": ["grams", "ml", "cups", "pieces", "teaspoons"], "type": "string"},
        "amount": {"type": "number"},
    },
}
RECIPE = required(
    function(
        "get_recipe",
        ingredients={"type": "array", "items": INGREDIENT},
        instructions={
            "type": "array",
            "items": {"type": "string"},
            "description": "Steps to prepare the recipe (no numbering)",
        },
        time_to_cook={"type": "number", "description": "Total time to prepare the recipe in minutes"},
    ),
    "ingredients",
    "instructions",
    "time_to_cook",
)
STRING: Json = {"type": "string"}
NESTED: Json = {
    "type": "object",
    "properties": {"bar": {"type": "string", "enum": ["a", "b", "c"]}, "baz": {"type": "boolean"}},
}
CALL = {"type": "function", "function": {"name": "do_stuff", "arguments": '{"foo": "bar", "baz": 1.5}'}}

OLD, NEW = "gpt-3.5-turbo", "gpt-4o"


@pytest.mark.parametrize(
    ("model", "messages", "tools", "tokens"),
    [
        (OLD, JARGON, [], 129),
        (NEW, JARGON, [], 124),
        (OLD, WEATHER, [GET_WEATHER], 105),
        (NEW, WEATHER, [GET_WEATHER], 101),
        (OLD, [user("hello")], [], 8),
        (OLD, [user("hello")], [function("foo")], 31),
        (OLD, [user("hello")], [function("foo", "Do a foo")], 36),
        (OLD, [user("hello")], [function("bing_bong", "Do a bing bong", foo=STRING)], 49),
        (
            OLD,
            [user("hello")],
            [function("bing_bong", "Do a bing bong", foo=STRING, bar={"type": "number", "description": "A number"})],
            57,
        ),
        (OLD, [user("hello")], [function("bing_bong", "Do a bing bong", foo=NESTED)], 68),
        (OLD, [user("hello")], [RECIPE], 106),
        (OLD, [{"role": "assistant", "content": "", "tool_calls": [CALL]}], [], 26),
    ],
)
async def test_a_prompt_comes_to_what_the_api_counted(
    model: str, messages: list[Json], tools: list[Json], tokens: int
) -> None:
    assert await counter_for(model).count_prompt(messages, tools) == tokens
