"""Usage as providers report it, each in its way, read so that nothing in it can fail a reply."""

from collections.abc import Iterable
from typing import Any

from retinue.core.usage import Usage

_MOST = 10_000_000  # tokens; no model reads or writes as many: a number beyond that is no count

_Path = tuple[str, ...]

_COMPLETION: tuple[_Path, ...] = (("completion_tokens",), ("output_tokens",))
_CACHED: tuple[_Path, ...] = (
    ("prompt_tokens_details", "cached_tokens"),  # OpenAI, OpenRouter, Groq, Mistral, xAI, Gemini
    ("input_tokens_details", "cached_tokens"),  # OpenAI's Responses
    ("prompt_cache_hit_tokens",),  # DeepSeek
    ("cached_tokens",),  # Moonshot, Together
    ("num_cached_tokens",),  # Mistral
    ("cache_read_input_tokens",),  # Anthropic, and those that hand on what it says
)
_REASONING: tuple[_Path, ...] = (
    ("completion_tokens_details", "reasoning_tokens"),
    ("output_tokens_details", "reasoning_tokens"),
    ("reasoning_tokens",),  # Perplexity
)
_ANTHROPICS_PROMPT = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


def reported(usage: Any, before: Usage | None) -> Usage | None:
    """Return what a chunk's `usage` says on top of what was said before; what makes no sense counts as nothing.

    Providers that report in several chunks report totals, some of them a part in each. Where nothing but zeros was
    said, nobody counted: None.
    """
    if not isinstance(usage, dict):
        return before
    before = before or Usage()
    prompt, completion = _prompt(usage), _first(usage, _COMPLETION)
    apart = _reasoning_apart(usage, prompt, completion)
    told = Usage(
        prompt=prompt or before.prompt,
        completion=completion + apart or before.completion,
        cached=_first(usage, _CACHED) or before.cached,
        reasoning=_first(usage, _REASONING) or apart or before.reasoning,
    )
    return told if told.total else None


def plausible(usage: Usage | None) -> Usage | None:
    """Return what was reported of a whole reply; None where it can't be: no prompt, or a part above its whole."""
    if usage is None or not usage.prompt or usage.cached > usage.prompt or usage.reasoning > usage.completion:
        return None
    return usage


def _prompt(usage: dict[str, Any]) -> int:
    """Anthropic's own count is of what no cache had."""
    return _count(usage, ("prompt_tokens",)) or sum(_count(usage, (name,)) for name in _ANTHROPICS_PROMPT)


def _reasoning_apart(usage: dict[str, Any], prompt: int, completion: int) -> int:
    """Return the completion's tokens that are missing in it: xAI and Gemini count reasoning in the total alone."""
    return max(_count(usage, ("total_tokens",)) - prompt - completion, 0) if prompt else 0


def _first(usage: dict[str, Any], paths: Iterable[_Path]) -> int:
    return next((count for path in paths if (count := _count(usage, path))), 0)


def _count(counts: Any, path: _Path) -> int:
    for name in path:
        counts = counts.get(name) if isinstance(counts, dict) else None
    if not counts or isinstance(counts, bool) or not isinstance(counts, int | float | str):
        return 0
    try:
        number = float(counts) if isinstance(counts, str) else counts
    except ValueError:
        return 0
    return int(number) if 0 <= number <= _MOST and number == int(number) else 0
