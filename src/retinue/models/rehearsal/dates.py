"""Dates and times as people write them, found in a text. There is no clock here: `tomorrow` stays a word."""

import re
from datetime import date

from msgspec import Struct

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH = "|".join([*_MONTHS, *(month[:3] for month in _MONTHS), "sept"])
_NEAR = "today|tonight|tomorrow|yesterday"
_WEEK = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"

RELATIVE = frozenset(f"{_NEAR}|{_WEEK}|next|this|last|week|weekend|month|year|now".split("|"))
"""Words that place something in time, in lower case."""

_DAY = re.compile(
    r"\b(?P<iso>\d{4}-\d{2}-\d{2})(?P<clock>T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
    rf"|\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s+(?P<year>\d{{4}}))?\b"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<month2>{_MONTH})\b\.?(?:,?\s+(?P<year2>\d{{4}}))?"
    rf"|\b(?:{_NEAR}|(?:next |this |last )?(?:{_WEEK})|(?:next|this|last) (?:week|weekend|month|year))\b",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m\b\.?)?|\b(\d{1,2})\s*([ap])\.?m\b\.?|\b(noon|midnight)\b",
    re.IGNORECASE,
)


class Day(Struct, frozen=True, kw_only=True):
    """A day that a text names."""

    written: str
    iso: str | None = None
    """As `2025-01-31`, where the text says day, month and year."""
    clock: str | None = None
    """As `T12:30:00Z`, where the text goes on with one."""


def days(text: str) -> tuple[tuple[Day, ...], str]:
    """Return the days that the text names, and the text with spaces in their place."""
    found = tuple(_day(match) for match in _DAY.finditer(text))
    return found, _DAY.sub(_blank, text) if found else text


def times(text: str) -> tuple[tuple[str, ...], str]:
    """Return the times of day as `15:30`, and the text with spaces in their place."""
    found = tuple(_time(match) for match in _TIME.finditer(text))
    return found, _TIME.sub(_blank, text) if found else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _day(match: re.Match[str]) -> Day:
    if match["iso"]:
        return Day(written=match[0], iso=match["iso"], clock=match["clock"])
    month, day, year = (match[name] or match[f"{name}2"] for name in ("month", "day", "year"))
    if not (month and day and year):
        return Day(written=match[0])
    number = 1 + next(at for at, name in enumerate(_MONTHS) if name.startswith(month[:3].lower()))
    try:
        return Day(written=match[0], iso=date(int(year), number, int(day)).isoformat())
    except ValueError:
        return Day(written=match[0])


def _time(match: re.Match[str]) -> str:
    if match[7]:
        return "12:00" if match[7].lower() == "noon" else "00:00"
    hour, half = int(match[1] or match[5]), (match[4] or match[6] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02}:{match[2] or '00'}" + (f":{match[3]}" if match[3] else "")
