"""How long to wait, as providers say it."""

import time
from email.utils import formatdate
from typing import Any

import pytest

from retinue.models.faults.retry_after import LONGEST_S, retry_after_s

GEMINI = {
    "error": {
        "code": 429,
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure"},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.074824224s"},
        ],
    }
}


@pytest.mark.parametrize(
    ("headers", "error", "said", "seconds"),
    [
        ({"retry-after": "7"}, None, "", 7),
        ({"retry-after": " 1.5 "}, None, "", 1.5),
        ({"retry-after": "9", "retry-after-ms": "1500"}, None, "", 1.5),
        ({"retry-after": "-3"}, None, "", 0),
        ({"retry-after": "1e99"}, None, "", LONGEST_S),
        ({"retry-after": "inf"}, None, "", LONGEST_S),
        ({"retry-after": "nan"}, None, "", None),
        ({"retry-after": "soon"}, None, "", None),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, None, "", 0),
        ({"retry-after": ""}, None, "", None),
        ({}, GEMINI, "", 34.074824224),
        ({}, [GEMINI], "", 34.074824224),
        ({}, {"error": {"details": "none"}}, "", None),
        ({}, {"error": {"details": [None, {"@type": "x", "retryDelay": 7}]}}, "", None),
        ({}, None, "Rate limit reached for gpt-4o. Please try again in 1.2s. Visit the site.", 1.2),
        ({}, None, "Please try again in 20ms.", 0.02),
        ({}, None, "Please try again in 6m0s.", 360),
        ({}, None, "Please try again in 1h2m3.5s.", 3723.5),
        ({}, None, "Please retry in 34.07s.", 34.07),
        ({}, None, "Please retry after 10 seconds.", 10),
        ({}, None, "Try again in 2 minutes 30 seconds.", 150),
        ({}, None, "Try again in 5 more days.", None),
        ({}, None, "Try something else.", None),
        ({}, None, "try again " * 100_000, None),
        ({}, None, "", None),
    ],
)
def test_what_it_says_in_seconds(headers: dict[str, str], error: Any, said: str, seconds: float | None) -> None:
    found = retry_after_s(headers, error, said)
    assert found == (seconds if seconds is None else pytest.approx(seconds))


def test_a_date_is_the_time_until_then() -> None:
    found = retry_after_s({"retry-after": formatdate(time.time() + 3_000, usegmt=True)}, None, "")
    assert found == pytest.approx(3_000, abs=30)
