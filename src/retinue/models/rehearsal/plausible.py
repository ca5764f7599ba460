"""Plausible values: strings and numbers for a schema when the text says nothing about them."""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from retinue.models.base import Json
from retinue.models.rehearsal.pattern import samples
from retinue.models.rehearsal.schema_fit import fits, is_number
from retinue.models.rehearsal.work import spend_text

FORMATS = {
    "date": "2025-01-01",
    "date-time": "2025-01-01T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "iri": "https://example.com/",
    "url": "https://example.com/",
    "uri-reference": "/example",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "json-pointer": "/example",
    "regex": ".*",
}
"""A value of each string format; what is made up here lies in the ranges that are kept free for examples."""

Tighter = Callable[[Iterable[Fraction]], Fraction]

_DEFAULT_STRING = "example"
_MOST_STEPS = 1000  # multiples that are tried


def string(schema: Json, *, variant: int = 0) -> str:
    """Return a string of the schema's format, pattern and length; each variant is another one where there is room."""
    wanted = variant if "pattern" in schema else 0
    fitting = (text for text in _strings(schema, variant) if fits(text, schema, schema))
    first = list(itertools.islice(fitting, wanted + 1))
    return first[wanted % len(first)] if first else ""


def number(schema: Json, *, whole: bool, variant: int = 0) -> int | float:
    """Return a number within the schema's bounds; each variant is another one where there is room."""
    fitting = (value for value in _numbers(schema, whole=whole) if fits(value, schema, schema))
    first = list(itertools.islice(fitting, variant + 1))
    return first[-1] if first else 0


def _strings(schema: Json, variant: int) -> Iterator[str]:
    if "pattern" in schema:
        yield from samples(schema["pattern"], length=schema.get("minLength", 0))
    if text := FORMATS.get(schema.get("format", "")):
        yield text
    yield _of_length(_DEFAULT_STRING, schema, str(variant) if variant else "")


def _of_length(text: str, schema: Json, ending: str) -> str:
    longest = schema.get("maxLength", len(text) + len(ending))
    shortest = schema.get("minLength", 0)
    spend_text(shortest)
    room = max(longest, shortest) - len(ending)
    return (text[: max(room, 0)] + ending).rjust(shortest, "e")[:longest]


def _numbers(schema: Json, *, whole: bool) -> Iterator[int | float]:
    """Yield candidates from the low end of the range on."""
    low, high = _bound(schema, "minimum", "exclusiveMinimum", max), _bound(schema, "maximum", "exclusiveMaximum", min)
    step = Fraction(str(schema.get("multipleOf") or 1))
    if whole and step.denominator != 1:
        step = Fraction(step.numerator)  # the least multiple of a fraction in lowest terms that is whole
    start = _start(low, high)
    if not whole and not schema.get("multipleOf"):
        yield from _between(start, low, high)
    first = math.ceil(start / step)
    for at in range(first, first + _MOST_STEPS):
        yield _plain(at * step, whole=whole)


def _start(low: Fraction | None, high: Fraction | None) -> Fraction:
    if low is not None and low > 1:
        return low
    if high is not None and high < 1:
        return max(low, high - 100) if low is not None else high - 100
    return Fraction(1)


def _between(start: Fraction, low: Fraction | None, high: Fraction | None) -> Iterator[float]:
    yield _plain(start, whole=False)
    if low is not None and high is not None:
        yield from (_plain(low + (high - low) * part / 100, whole=False) for part in (50, *range(101)))


def _plain(value: Fraction, *, whole: bool) -> int | float:
    return int(value) if whole or value.denominator == 1 else float(value)


def _bound(schema: Json, inclusive: str, exclusive: str, tighter: Tighter) -> Fraction | None:
    bounds = [Fraction(str(schema[key])) for key in (inclusive, exclusive) if is_number(schema.get(key))]
    return tighter(bounds) if bounds else None
