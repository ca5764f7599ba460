"""What models get to see of functions: read off hints and docstrings."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import msgspec
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field
from tool_calls import registered, run, schema_of
from typing_extensions import TypedDict  # pydantic asks for this one below Python 3.12

from retinue.core.errors import NotStarted
from retinue.tools import ToolContext, tool

STRING: dict[str, Any] = {"type": "string"}
NO_LIMIT = object()
INTEGER: dict[str, Any] = {"type": "integer"}
NULL: dict[str, Any] = {"type": "null"}


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Address(BaseModel):
    """Where somebody lives."""

    street: str
    title: str = Field("Mx", description="how to address them")


@dataclass
class Person:
    name: str
    address: Address | None = None
    friends: list[str] = field(default_factory=list)


class Point(TypedDict):
    x: int
    y: int


class Money(msgspec.Struct):
    amount: int
    currency: str = "EUR"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Tree(BaseModel):
    name: str
    children: list["Tree"] = []


def closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    """An object of these names and no others."""
    more = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}


ADDRESS = closed(
    {"street": STRING, "title": {**STRING, "default": "Mx", "description": "how to address them"}}, "street"
) | {"description": "Where somebody lives."}
PERSON = closed(
    {"name": STRING, "address": {"anyOf": [ADDRESS, NULL]}, "friends": {"type": "array", "items": STRING}}, "name"
)
MONEY = closed({"amount": INTEGER, "currency": {**STRING, "default": "EUR"}}, "amount")
CAT = closed({"kind": {"const": "cat", "type": "string"}}, "kind")
DOG = closed({"kind": {"const": "dog", "type": "string"}}, "kind")

TYPES: list[tuple[Any, dict[str, Any]]] = [
    (str, STRING),
    (int, INTEGER),
    (float, {"type": "number"}),
    (bool, {"type": "boolean"}),
    (Any, {}),
    (Literal["a", "b"], {"enum": ["a", "b"], "type": "string"}),
    (Literal[1, "b", None], {"enum": [1, "b", None]}),
    (Optional[str], {"anyOf": [STRING, NULL]}),  # noqa: UP045
    (str | None, {"anyOf": [STRING, NULL]}),
    (Union[int, str], {"anyOf": [INTEGER, STRING]}),  # noqa: UP007
    (list[int], {"type": "array", "items": INTEGER}),
    (set[int], {"type": "array", "items": INTEGER, "uniqueItems": True}),
    (dict[str, int], {"type": "object", "additionalProperties": INTEGER}),
    (tuple[int, str], {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2}),
    (tuple[int, ...], {"type": "array", "items": INTEGER}),
    (Colour, {"enum": ["red", "blue"], "type": "string"}),
    (datetime, {"type": "string", "format": "date-time"}),
    (date, {"type": "string", "format": "date"}),
    (UUID, {"type": "string", "format": "uuid"}),
    (Annotated[str, "the city"], {"type": "string", "description": "the city"}),
    (
        Annotated[str, Field(description="the city", min_length=1)],
        {**STRING, "description": "the city", "minLength": 1},
    ),
    (Annotated[int | None, "how many"], {"anyOf": [INTEGER, NULL], "description": "how many"}),
    (Address, ADDRESS),
    (Person, PERSON),
    (list[Person], {"type": "array", "items": PERSON}),
    (Point, closed({"x": INTEGER, "y": INTEGER}, "x", "y")),
    (Money, MONEY),
    (list[Money] | None, {"anyOf": [{"type": "array", "items": MONEY}, NULL]}),
    (Annotated[Cat | Dog, Field(discriminator="kind")], {"anyOf": [CAT, DOG]}),
]


@pytest.mark.parametrize(("hint", "expected"), TYPES, ids=lambda value: str(value)[:40])
def test_type_becomes_a_plain_schema(hint: Any, expected: dict[str, Any]) -> None:
    def function(value: Any) -> None: ...

    function.__annotations__["value"] = hint
    schema = schema_of(function)
    Draft202012Validator.check_schema(schema)
    assert schema == closed({"value": expected}, "value")


def test_decimal_is_a_number_or_its_text() -> None:
    def pay(amount: Decimal) -> None: ...

    assert [kind["type"] for kind in schema_of(pay)["properties"]["amount"]["anyOf"]] == ["number", "string"]


def test_type_that_contains_itself_keeps_its_definition() -> None:
    def plant(tree: Tree) -> None: ...

    schema = schema_of(plant)
    assert schema["properties"] == {"tree": {"$ref": "#/$defs/Tree"}}
    assert schema["$defs"]["Tree"]["properties"]["children"]["items"] == {"$ref": "#/$defs/Tree"}
    Draft202012Validator(schema).validate({"tree": {"name": "a", "children": [{"name": "b"}]}})


def test_defaults_are_shown_and_make_an_argument_optional() -> None:
    def search(query: str, limit: int = 10, since: date = date(2026, 1, 1), within: str | None = None) -> None: ...

    assert schema_of(search) == closed(
        {
            "query": STRING,
            "limit": {"type": "integer", "default": 10},
            "since": {"type": "string", "format": "date", "default": "2026-01-01"},
            "within": {"anyOf": [STRING, NULL]},
        },
        "query",
    )


def test_default_that_json_can_not_tell_makes_an_argument_optional_all_the_same() -> None:
    def search(limit: Any = NO_LIMIT) -> None: ...

    assert schema_of(search) == closed({"limit": {}})


def test_function_without_arguments_has_an_empty_schema() -> None:
    def now() -> str:
        return "now"

    assert schema_of(now) == closed({})


@pytest.mark.parametrize(
    "name", ["schema", "json", "copy", "self", "model_config", "validate", "argument_0", "_hidden"]
)
async def test_argument_may_be_called_as_anything_of_the_library_behind(name: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def function({name}: int) -> int: return {name}", scope)
    assert schema_of(scope["function"]) == closed({name: INTEGER}, name)
    assert (await run(scope["function"], f'{{"{name}": 3}}')).output == "3"


GOOGLE = """Tell the weather
    in a city.

    It is asked of the nearest station.

    Args:
        city: The city's name,
            such as Oslo.
        unit (str): C or F.

    Returns:
        The weather.
    """
NUMPY = """Tell the weather
    in a city.

    Parameters
    ----------
    city : str
        The city's name,
        such as Oslo.
    unit : str
        C or F.
    """
SPHINX = """Tell the weather
    in a city.

    :param city: The city's name,
        such as Oslo.
    :param str unit: C or F.
    :returns: The weather.
    """


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_docstring_describes_the_function_and_its_arguments(docstring: str) -> None:
    def weather(city: str, unit: str) -> None: ...

    weather.__doc__ = docstring
    declaration = registered(weather).declaration("weather")
    assert declaration.description == "Tell the weather in a city."
    assert declaration.parameters is not None
    described = {name: schema["description"] for name, schema in declaration.parameters["properties"].items()}
    assert described == {"city": "The city's name, such as Oslo.", "unit": "C or F."}


@pytest.mark.parametrize(
    "docstring", [None, "", "   \n\n ", ":::", "Args:", "Returns:\n x", ":param", "\x00", "a: b\n----"]
)
def test_any_docstring_will_do(docstring: str | None) -> None:
    def weather(city: str) -> None: ...

    weather.__doc__ = docstring
    assert schema_of(weather)["properties"]["city"]["type"] == "string"


def test_annotation_goes_before_the_docstring() -> None:
    def weather(city: Annotated[str, "of the annotation"], at: int = Field(3, description="of the field")) -> None:
        """Tell it.

        Args:
            city: of the docstring
            at: of the docstring
        """

    properties = schema_of(weather)["properties"]
    assert properties["city"]["description"] == "of the annotation"
    assert properties["at"] == {"type": "integer", "default": 3, "description": "of the field"}


async def test_default_of_a_pydantic_field_is_filled_in() -> None:
    def wait(hours: int = Field(3, ge=1)) -> int:
        return hours

    assert (await run(wait)).output == "3"


def test_options_go_before_the_function() -> None:
    @tool(name="weather-now", description="Asked for.", strict=True)
    def weather() -> None:
        """Not asked for."""

    declaration = registered(weather).declaration("weather-now")
    assert (declaration.description, declaration.strict) == ("Asked for.", True)


def test_strict_schema_requires_every_name_and_has_no_defaults() -> None:
    @tool(strict=True)
    def meet(person: Person, hour: int = 9, where: str | None = None) -> None: ...

    schema = schema_of(meet)
    assert schema["required"] == ["person", "hour", "where"]
    assert schema["properties"]["hour"] == INTEGER
    assert schema["properties"]["person"]["required"] == ["name", "address", "friends"]


def test_strict_function_may_not_take_any_names() -> None:
    @tool(strict=True)
    def note(words: dict[str, int]) -> None: ...

    with pytest.raises(NotStarted, match=r"note .* is strict"):
        registered(note)


def contexts() -> list[Callable[..., Any]]:
    def first(context: ToolContext, city: str) -> str:
        return f"{city} for {context.user}"

    def optional(city: str, who: ToolContext | None = None) -> str:
        return f"{city} for {who and who.user}"

    def annotated(city: str, *, x: Annotated[Optional[ToolContext], "hidden"]) -> str:  # noqa: UP045
        return f"{city} for {x and x.user}"

    def by_place(context: ToolContext, city: str, /) -> str:
        return f"{city} for {context.user}"

    return [first, optional, annotated, by_place]


@pytest.mark.parametrize("function", contexts(), ids=lambda function: function.__name__)
async def test_context_is_hidden_and_filled_in(function: Callable[..., Any]) -> None:
    assert schema_of(function) == closed({"city": STRING}, "city")
    assert (await run(function, '{"city": "Oslo"}')).output == "Oslo for ada"


class Station:
    def __init__(self, name: str) -> None:
        self.name = name

    @tool
    def weather(self, city: str) -> str:
        """Tell it."""
        return f"{city}, says {self.name}"

    @staticmethod
    def fixed(city: str) -> str:
        return f"{city}, for ever"

    async def __call__(self, city: str) -> str:
        return f"{city}, calls {self.name}"


def forecast(city: str, key: str, days: int) -> str:
    return f"{city}, {days} days, {key}"


CALLABLES: list[tuple[Callable[..., Any], str]] = [
    (Station("north").weather, "Oslo, says north"),
    (Station.fixed, "Oslo, for ever"),
    (functools.partial(forecast, key="secret", days=3), "Oslo, 3 days, secret"),
    (tool(name="station")(Station("east")), "Oslo, calls east"),
]


@pytest.mark.parametrize(("function", "output"), CALLABLES, ids=["method", "static", "partial", "object"])
async def test_anything_that_can_be_called_will_do(function: Callable[..., Any], output: str) -> None:
    assert schema_of(function) == closed({"city": STRING}, "city")
    assert (await run(function, '{"city": "Oslo"}')).output == output


def refused() -> list[tuple[Callable[..., Any], str]]:
    def many(*cities: str) -> None: ...
    def named(**cities: str) -> None: ...
    def untyped(city) -> None: ...  # type: ignore[no-untyped-def]
    def unknown(city: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821
    def strange(city: Station) -> None: ...
    def wrong(city: "1 +") -> None: ...  # type: ignore[valid-type]  # noqa: F722

    async def stream(city: str):  # type: ignore[no-untyped-def]
        yield city

    return [
        (many, r"takes \*cities: str"),
        (named, r"takes \*\*cities: str"),
        (untyped, "no type hint for 'city'"),
        (unknown, "'Nowhere' is not defined"),
        (strange, "no schema can be made"),
        (wrong, "can't be read"),
        (stream, "return a list instead"),
        (lambda: 1, "needs a name"),
    ]


@pytest.mark.parametrize(("function", "why"), refused(), ids=lambda value: getattr(value, "__name__", ""))
def test_function_that_no_model_can_call_is_refused_with_its_place(function: Callable[..., Any], why: str) -> None:
    with pytest.raises(NotStarted, match=rf"(?s)test_tool_schema\.py:\d+\).*{why}"):
        registered(function)


def test_two_functions_of_one_name_are_refused_with_both_places() -> None:
    @tool(name="forecast")
    def other() -> None: ...

    with pytest.raises(NotStarted, match=r"(?s)'forecast': forecast \(.*:\d+\) and other \(.*:\d+\)"):
        registered(forecast, other)


def test_tool_called_from_python_is_its_function() -> None:
    assert tool(forecast)("Oslo", "k", days=2) == "Oslo, 2 days, k"
    assert Station("west").weather("Rome") == "Rome, says west"


@pytest.mark.parametrize("options", [{"name": "a b"}, {"timeout_s": 0}, {"timeout_s": float("nan")}, {"max_output": 3}])
def test_options_that_can_not_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        tool(**options)(forecast)
