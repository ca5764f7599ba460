"""Refusals of prompts that are longer than a model's context, and the limit that they tell.

OpenAI and vLLM: "This model's maximum context length is 8192 tokens. However, ...", code context_length_exceeded.
Anthropic: "prompt is too long: 210000 tokens > 200000 maximum", "input length and `max_tokens` exceed
context limit: 188240 + 21333 > 200000, ...". Gemini: "The input token count (1200293) exceeds the
maximum number of tokens allowed (1048576)." (https://github.com/google-gemini/gemini-cli/issues/6678). llama.cpp:
"request (14429 tokens) exceeds the available context size (8192 tokens)", type exceed_context_size_error with n_ctx
(https://github.com/ggml-org/llama.cpp/pull/15780). Mistral: "Prompt contains 40000 tokens ... too large for model with
32768 maximum context length". Ollama cuts prompts without a word unless it is told not to:
https://docs.ollama.com/context-length.
"""

import re
from collections.abc import Iterator
from typing import Any

from retinue.core.errors import WindowExceeded
from retinue.models.faults.envelope import inner, unquoted

_STATUSES = (400, 413, 422, 500)
_CODES = ("context_length_exceeded", "exceed_context_size_error", "context_window_exceeded")
_NUMBER = r"(\d[\d,_]{0,14})"
_LIMITS = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:maximum|max|model's) context (?:length|window|size)(?: is| of|:)? (?:only )?{_NUMBER}",
        rf"prompt is too long: \d+ tokens > {_NUMBER}",
        rf"input length and `max_tokens` exceed context limit: \d+ \+ \d+ > {_NUMBER}",
        rf"exceeds? the maximum number of tokens allowed \(?{_NUMBER}",
        rf"(?:available )?context (?:size|window|length) \(?(?:of )?(?:only )?{_NUMBER}",
        rf"{_NUMBER} maximum context length",
        rf"exceeds? (?:the )?(?:model's )?(?:context )?(?:limit|window|length) of {_NUMBER}",
        rf"configured limit of {_NUMBER}",
    )
]
_WITHOUT_LIMIT = re.compile(
    r"prompt is too long|exceeds? the (?:available )?context|exceeds? the (?:model's )?(?:maximum )?context"
    r"|input (?:length )?exceeds (?:the )?(?:maximum )?context|reduce the length of the (?:messages|prompt|input)"
    r"|input token count.{0,40}exceeds|(?:context|prompt) (?:length|is) (?:was )?exceeded"
    r"|trying to keep the first \d+ tokens when context the overflows",
    re.IGNORECASE,
)
_OPENING = re.compile(r"(?:'max_tokens' or 'max_completion_tokens' is too large: \d+\. )?[^:'\"`\n]{0,120}")
"""What may stand before a limit: a provider's own sentence; after a colon or a quote comes what it was sent."""
_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)")
_RATE = re.compile(r"tokens per (?:minute|day)|\bTPM\b|rate limit", re.IGNORECASE)


def window_refusal(provider: str, status: int, said: str, error: Any) -> WindowExceeded | None:
    """Return the fault that an error answer means if it is for the prompt's length, None if it isn't.

    `said` is the provider's own message, `error` the answer as it was decoded.
    """
    if status not in _STATUSES or _RATE.search(said):
        return None
    told = inner(error)
    by_code = any(str(told.get(field)) in _CODES for field in ("code", "type"))
    limits = list(_limits(unquoted(said) if by_code else said, anywhere=by_code))
    if not (by_code or limits or _WITHOUT_LIMIT.search(said)):
        return None
    room = told.get("n_ctx")
    limit = room if isinstance(room, int) and not isinstance(room, bool) else next(iter(limits), None)
    line = " ".join(said.split())[:300].rstrip(" .")
    return WindowExceeded(f"{provider} did not accept the request ({status}): {line}.", limit=limit or None)


def _limits(said: str, *, anywhere: bool) -> Iterator[int]:
    """Yield the limits that a message tells; those of its first words alone unless it is known what it is about."""
    for pattern in _LIMITS:
        found = pattern.search(said)
        if found and (anywhere or _OPENING.fullmatch(_APOSTROPHE.sub("", said[: found.start()]))):
            yield int(re.sub(r"\D", "", found.group(1)))
