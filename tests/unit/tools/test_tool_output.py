"""What functions return, as models read it."""

import dataclasses
import itertools
import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from structlog.testing import capture_logs
from tool_calls import run, told

from retinue.core.surrogates import mended
from retinue.tools import tool
from retinue.tools.text import capped


class Colour(Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: float = math.inf


class Model(BaseModel):
    point: Point
    at: datetime


class Money(msgspec.Struct):
    amount: Decimal


NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
OUTPUTS: list[tuple[Any, str]] = [
    ('Zoë said "hi"\n', 'Zoë said "hi"\n'),
    ("", ""),
    (None, "null"),
    (True, "true"),
    (3, "3"),
    (2.5, "2.5"),
    (math.nan, '"NaN"'),
    ({"a": [1, "ö"]}, '{"a":[1,"ö"]}'),
    ((1, 2), "[1,2]"),
    ({"one"}, '["one"]'),
    (b"bytes", '"bytes"'),
    (Point(1), '{"x":1,"y":"Infinity"}'),
    (Model(point=Point(1, 2), at=NOON), '{"point":{"x":1,"y":2.0},"at":"2026-05-17T12:00:00Z"}'),
    (Money(Decimal("1.10")), '{"amount":"1.10"}'),
    ([Money(Decimal(1))], '[{"amount":"1"}]'),
    (NOON, '"2026-05-17T12:00:00Z"'),
    (date(2026, 5, 17), '"2026-05-17"'),
    (timedelta(hours=1), '"PT1H"'),
    (Decimal("0.30"), '"0.30"'),
    (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
    (Colour.RED, '"red"'),
    (Path("a/b"), '"a/b"'),
    ({Colour.RED: 1, 2: 3}, '{"red":1,"2":3}'),
    (iter([1, 2]), "[1,2]"),
]


@pytest.mark.parametrize(("value", "text"), OUTPUTS, ids=lambda value: str(value)[:20])
async def test_text_is_read_as_it_is_and_anything_else_as_json(value: Any, text: str) -> None:
    def function():  # type: ignore[no-untyped-def]
        return value

    assert (await run(function)).output == text


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Let the log show no values: one here is 100,000 lists deep."""
    with capture_logs():
        yield


def cyclic() -> list[Any]:
    circle: list[Any] = []
    circle.append(circle)
    return circle


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [object(), cyclic(), deep(), b"\xff", {"a": lambda: 1}, ValueError("x")],
    ids=lambda value: type(value).__name__,
)
async def test_what_can_not_be_written_is_told(value: Any) -> None:
    def function():  # type: ignore[no-untyped-def]
        return value

    assert (await told(function)).startswith("The function returned what can't be written as JSON: ")


RETURNS: list[tuple[Any, Any, str | None]] = [
    (int, 3, "3"),
    (int, "three", None),
    (str, 3, None),
    (None, None, "null"),
    (None, 3, None),
    (list[int], [1, "2"], "[1,2]"),
    (dict[str, Point], {"a": {"x": 1}}, '{"a":{"x":1,"y":"Infinity"}}'),
    (Point, {"x": "wide"}, None),
    (Model, Model(point=Point(1, 2), at=NOON), '{"point":{"x":1,"y":2.0},"at":"2026-05-17T12:00:00Z"}'),
    (Money, Money(Decimal(1)), '{"amount":"1"}'),
    (Money | None, None, "null"),
    (Iterator[int], iter([1, 2]), "[1,2]"),
    (Any, object, None),
]


@pytest.mark.parametrize(("hint", "value", "text"), RETURNS, ids=lambda value: str(value)[:20])
async def test_output_is_held_to_what_the_function_says_it_returns(hint: Any, value: Any, text: str | None) -> None:
    def function():  # type: ignore[no-untyped-def]
        return value

    function.__annotations__["return"] = hint
    result = await run(function)
    assert (result.output if result.outcome == "done" else None) == text
    if text is None:
        assert result.output.startswith("The function returned ")


@pytest.mark.parametrize("size", [200, 201, 5_000])
async def test_long_output_loses_its_middle_and_says_so(size: int) -> None:
    @tool(max_output=200)
    def function() -> str:
        return "<" + "x" * (size - 2) + ">"

    output = (await run(function)).output
    assert 150 < len(output) <= 200
    assert (output[0], output[-1]) == ("<", ">")
    assert ("are left out here" in output) == (size > 200)


def untyped() -> Any:
    return itertools.count()


def typed() -> Iterator[int]:
    return itertools.count()


@pytest.mark.parametrize("function", [untyped, typed])
async def test_iterator_without_end_is_refused(function: Callable[[], Any]) -> None:
    result = await run(tool(max_output=200)(function))
    assert result.output == "The function returned an iterator of more than 200 items: return a list."


async def test_iterator_that_ends_is_a_list() -> None:
    def function() -> Iterator[int]:
        yield from range(3)

    assert (await run(function)).output == "[0,1,2]"


async def test_half_a_character_in_a_key_is_told() -> None:
    assert (await told(tool(name="halves")(lambda: {"\ud800": 1}))).startswith(
        "The function returned what can't be written as JSON"
    )


@given(st.text(), st.integers(200, 300))
def test_capped_text_is_never_longer_than_its_cap(text: str, longest: int) -> None:
    long = text * 40
    assert len(capped(long, longest)) <= longest


async def test_note_counts_what_is_left_out() -> None:
    text = "".join(chr(0x4E00 + number % 2000) for number in range(10_000))
    head, note, tail = capped(text, 1_000).split("\n")
    assert note == f"[... {10_000 - len(head) - len(tail):,} of 10,000 characters are left out here ...]"
    assert text.startswith(head)
    assert text.endswith(tail)


@given(st.text(st.characters(codec=None)))
def test_mended_text_can_be_stored(text: str) -> None:
    assert mended(mended(text)) == mended(text)
    mended(text).encode()


def test_halves_of_a_pair_are_joined() -> None:
    assert mended("a\ud83d\ude00b\ud83d") == "a😀b\ufffd"


async def test_half_a_character_does_not_keep_an_output_from_the_model() -> None:
    def text() -> str:
        return "a\ud83d\ude00\ud800"

    def nested() -> dict[str, str]:
        return {"a": "\ud83d\ude00\ud800"}

    assert (await run(text)).output == "a😀\ufffd"
    assert json.loads((await run(nested)).output) == {"a": "😀\ufffd"}
