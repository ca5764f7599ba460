"""How long a provider asks to be left alone: each says it in its own way."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_S = 86_400.0
"""What asks for longer is taken to mean a day: nobody waits for so long."""

_UNIT = r"(ms|milliseconds?|s|seconds?|m|minutes?|h|hours?)(?![a-z])"
_PART = re.compile(rf"(\d{{1,6}}(?:\.\d{{1,9}})?)\s?{_UNIT}", re.IGNORECASE)
_SAID = re.compile(rf"(?:try|retry|again)[^.]{{0,40}}? (?:in|after) ((?:{_PART.pattern}\s?)+)", re.IGNORECASE)
_UNITS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
"""By how a unit begins, the first that fits."""
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"


def retry_after_s(headers: Mapping[str, str], error: Any, said: str) -> float | None:
    """Return for how many seconds to wait before asking again; None where the answer does not tell.

    `headers` are looked up in lower case or without regard to it; `error` is the answer's JSON, `said` its message.
    """
    for seconds in (
        _number(headers.get("retry-after-ms"), 0.001),
        _number(headers.get("retry-after"), 1.0),
        _date(headers.get("retry-after")),
        _retry_info(error),
        _sentence(said),
    ):
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_S)
    return None


def _number(text: str | None, unit: float) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return None if math.isnan(number) else number * unit


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() - time.time() if text else None
    except (ValueError, OverflowError):
        return None


def _retry_info(error: Any) -> float | None:
    """Gemini's: `{"error": {"details": [{"@type": ".../google.rpc.RetryInfo", "retryDelay": "34.07s"}]}}`."""
    match error:
        case [first, *_]:
            return _retry_info(first)
        case {"error": {"details": [*details]}}:
            delays = [d.get("retryDelay") for d in details if isinstance(d, dict) and d.get("@type") == _RETRY_INFO]
            return next((_duration(delay) for delay in delays if isinstance(delay, str)), None)
        case _:
            return None


def _sentence(said: str) -> float | None:
    """OpenAI's: "Please try again in 1.2s.", "in 6m0s", "in 20ms"."""
    found = _SAID.search(said[:1_000])
    return _duration(found[1]) if found else None


def _duration(text: str) -> float | None:
    parts = _PART.findall(text[:100])
    return sum(float(number) * _seconds(unit.lower()) for number, unit in parts) if parts else None


def _seconds(unit: str) -> float:
    return next(seconds for beginning, seconds in _UNITS.items() if unit.startswith(beginning))
