"""What a reply may cost: schemas and patterns that are made to stop the event loop are refused, or cost little."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from rehearsal_driver import Heard, ask, schema_format

from retinue.core.errors import ModelFault
from retinue.models.rehearsal import work
from retinue.models.rehearsal.matching import has_match

TEXT = {"type": "string"}
ITSELF = {"$ref": "#"}
TOO_MUCH = "it asks for more than the rehearsal model makes"


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


async def _answered(schema: Any, text: str = "Go") -> Heard:
    async with asyncio.timeout(30):
        return await ask(text, response_format=schema_format(schema))


async def _called(schema: Any, text: str = "Go") -> Heard:
    tool = {"type": "function", "function": {"name": "act", "parameters": schema}}
    async with asyncio.timeout(30):
        return await ask(text, tools=(tool,), tool_choice="required")


@pytest.mark.parametrize(
    "schema",
    [
        _object(x={"type": "object", "minProperties": 10**9}),
        _object(x={"type": "array", "items": {"type": "integer"}, "minItems": 10_000, "uniqueItems": True}),
        _object(x={"type": "array", "items": {"type": "array", "items": {}, "minItems": 10_000}, "minItems": 10_000}),
        _object(**{f"p{number}": ITSELF for number in range(8)}),
        _object(x={"allOf": [ITSELF, {"$ref": "#/properties/x"}]}),
        _object(x={"type": "string", "minLength": 10**9}),
        _object(x={"type": "array", "items": {"const": "x" * 100_000}, "minItems": 1_000}),
        _object(x={"type": "array", "items": _object(**{"n" * 100_000: TEXT}), "minItems": 1_000}),
        _object(x={"type": "number", "minimum": 10**400, "multipleOf": 0.5}),
    ],
)
async def test_schema_that_asks_for_too_much_is_refused(schema: Any) -> None:
    with pytest.raises(ModelFault, match=f"Invalid schema for response_format: {TOO_MUCH}") as caught:
        await _answered(schema)
    assert caught.value.run_code == "invalid_prompt"


@pytest.mark.parametrize(
    "schema",
    [_object(**{f"p{number}": ITSELF for number in range(8)}), {"allOf": [ITSELF]}, {"minProperties": 10**9}],
)
async def test_parameters_that_ask_for_too_much_are_refused_by_the_name_of_the_function(schema: Any) -> None:
    with pytest.raises(ModelFault, match=f"Invalid schema for function 'act': {TOO_MUCH}"):
        await _called(schema)


@pytest.mark.parametrize("pattern", ["^(a+)+b(?=c)$", "(a*)*(a*)*b", "^(a|a)*$b", "(" * 480 + "a" + ")" * 480])
async def test_pattern_that_backtracks_for_ever_does_no_harm(pattern: str) -> None:
    for asked in (_answered, _called):
        with suppress(ModelFault):
            await asked(_object(x={"type": "string", "pattern": pattern}), "x " + "a" * 5_000)


async def test_reference_to_a_malformed_part_is_refused() -> None:
    with pytest.raises(ModelFault, match="'type' has the wrong type"):
        await _answered({"$ref": "#/elsewhere", "elsewhere": {"type": 5}})


async def test_a_large_answer_is_within_the_budget() -> None:
    heard = await _answered({"type": "array", "items": TEXT, "minItems": 2_000})
    assert heard.finished.reason == "stop"


def test_spending_more_than_the_budget_is_too_much_work() -> None:
    work.spend(10**9)
    with work.budget(2):
        work.spend(2)
        with pytest.raises(work.TooMuchWork):
            work.spend()


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("^a+$", "aaa", True),
        ("^a+$", "aab", False),
        ("b", "abc", True),
        ("^(?:ab|a)(?:c|bc)$", "abc", True),
        ("^[a-z0-9]+(?:-[a-z0-9]+)*$", "my-post-2", True),
        ("^[a-z0-9]+(?:-[a-z0-9]+)*$", "my--post", False),
        (r"^\w+@\w+\.\w{2,3}$", "ada@example.com", True),
        (r"^\w+@\w+\.\w{2,3}$", "ada@example.coms", False),
        (r"^[^\d\s]{2,4}?$", "ab", True),
        (r"^[^\d\s]{2,4}?$", "a1", False),
        (r"\bcat\b", "a cat.", True),
        (r"\bcat\b", "concat", False),
        (r"\Bcat\Z", "concat", True),
        ("^(?=.*a)(?!.*b).{3}$", "xxa", True),
        ("^(?=.*a)(?!.*b).{3}$", "bxa", False),
        ("(?<=a)b", "ab", True),
        ("(?<!a)b", "ab", False),
        (r"^(a)\1$", "ab", True),  # what can't be followed is let pass
        (r"^\p{L}+$", "1", True),
        ("^(a*){1000000}$", "aaa", True),
        ("^(a+)+$", "a" * 1_000 + "b", False),
    ],
)
def test_matching_says_what_the_pattern_says(pattern: str, text: str, matches: bool) -> None:
    with work.budget():
        assert has_match(pattern, text) is matches
