"""Usage as providers report it, read so that nothing in it can fail a reply."""

from typing import Any

from retinue.core.usage import Usage

_MOST = 2**53  # tokens; larger numbers are not exact in every client


def reported(usage: Any, before: Usage | None) -> Usage | None:
    """Return what a chunk's `usage` says on top of what was said before; what makes no sense counts as nothing.

    Providers that report in several chunks report totals, some of them a part in each.
    """
    if not isinstance(usage, dict):
        return before
    before = before or Usage()
    prompt, completion = usage.get("prompt_tokens_details"), usage.get("completion_tokens_details")
    return Usage(
        prompt=_count(usage, "prompt_tokens") or before.prompt,
        completion=_count(usage, "completion_tokens") or before.completion,
        cached=_count(prompt, "cached_tokens") or before.cached,
        reasoning=_count(completion, "reasoning_tokens") or before.reasoning,
    )


def _count(counts: Any, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        return 0
    return int(number) if 0 <= number <= _MOST and number == int(number) else 0
