"""Usage as each provider words it: the examples are from their documentation, or from calls that people recorded."""

from typing import Any

import pytest

from retinue.core.usage import Usage
from retinue.models.completions.usage import plausible, reported

WORDINGS: dict[str, tuple[dict[str, Any], Usage]] = {
    "OpenAI": (
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "total_tokens": 2306,
            "prompt_tokens_details": {"cached_tokens": 1920},
            "completion_tokens_details": {"reasoning_tokens": 120},
        },
        Usage(prompt=2006, completion=300, cached=1920, reasoning=120),
    ),
    "OpenRouter": (
        {
            "prompt_tokens": 194,
            "completion_tokens": 2,
            "total_tokens": 196,
            "cost": 0.95,
            "prompt_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 100},
            "completion_tokens_details": {"reasoning_tokens": None},
        },
        Usage(prompt=194, completion=2, cached=30),
    ),
    "DeepSeek": (
        {
            "prompt_tokens": 11,
            "completion_tokens": 40,
            "total_tokens": 51,
            "prompt_cache_hit_tokens": 8,
            "prompt_cache_miss_tokens": 3,
            "completion_tokens_details": {"reasoning_tokens": 30},
        },
        Usage(prompt=11, completion=40, cached=8, reasoning=30),
    ),
    "Moonshot": (
        {"prompt_tokens": 19, "completion_tokens": 13, "total_tokens": 32, "cached_tokens": 12},
        Usage(prompt=19, completion=13, cached=12),
    ),
    "xAI counts reasoning beside the completion": (
        {
            "prompt_tokens": 10120,
            "completion_tokens": 1499,
            "total_tokens": 14428,
            "prompt_tokens_details": {"cached_tokens": 128},
            "completion_tokens_details": {"reasoning_tokens": 2809},
        },
        Usage(prompt=10120, completion=1499 + 2809, cached=128, reasoning=2809),
    ),
    "Gemini counts its thoughts in the total alone": (
        {"prompt_tokens": 20, "completion_tokens": 198, "total_tokens": 623},
        Usage(prompt=20, completion=603, reasoning=405),
    ),
    "Anthropic counts what no cache had": (
        {"input_tokens": 50, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 7, "output_tokens": 9},
        Usage(prompt=157, completion=9, cached=100),
    ),
    "Groq": (
        {"queue_time": 0.02, "prompt_tokens": 18, "completion_tokens": 556, "total_tokens": 574, "total_time": 0.46},
        Usage(prompt=18, completion=556),
    ),
}


@pytest.mark.parametrize("wording", WORDINGS)
def test_every_providers_wording_is_read(wording: str) -> None:
    usage, meant = WORDINGS[wording]
    assert reported(usage, None) == meant


def test_a_later_report_leaves_what_it_does_not_name() -> None:
    first = reported({"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 4}, "total_tokens": 9}, None)
    assert reported({"completion_tokens": 3, "total_tokens": 12}, first) == Usage(prompt=9, completion=3, cached=4)


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}])
def test_zeros_are_no_report(usage: dict[str, int]) -> None:
    assert reported(usage, None) is None


@pytest.mark.parametrize(
    "usage",
    [
        {"prompt_tokens": "many", "completion_tokens": "7"},
        {"prompt_tokens": 10, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 11}},
        {"prompt_tokens": 10, "completion_tokens": 7, "completion_tokens_details": {"reasoning_tokens": 8}},
    ],
)
def test_what_cannot_be_a_replys_count_is_no_report(usage: dict[str, Any]) -> None:
    assert plausible(reported(usage, None)) is None


def test_a_total_beyond_all_sense_adds_nothing() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 2**53 - 1}
    assert plausible(reported(usage, None)) == Usage(prompt=1, completion=2)


@pytest.mark.parametrize("wording", WORDINGS)
def test_every_providers_wording_is_plausible(wording: str) -> None:
    usage, meant = WORDINGS[wording]
    assert plausible(reported(usage, None)) == meant
