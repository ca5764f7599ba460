"""Refusals for a prompt's length, as each provider words them."""

from typing import Any

import pytest

from retinue.models.faults.window_refusal import window_refusal

REFUSALS: list[tuple[int, str, Any, int | None]] = [
    (
        *(400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."),
        *({"error": {"code": "context_length_exceeded"}}, 8192),
    ),
    (400, "Input tokens exceed the configured limit of 272000 tokens. Yours: 300000.", None, 272000),
    (400, "Too much.", {"error": {"code": "context_length_exceeded"}}, None),
    (
        *(400, "This endpoint's maximum context length is 32768 tokens. However, you requested about 42832 tokens"),
        *(None, 32768),
    ),
    (400, "prompt is too long: 210000 tokens > 200000 maximum", None, 200000),
    (400, "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease one", None, 200000),
    (400, "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).", None, 1048576),
    (
        *(500, "the request exceeds the available context size. try increasing the context size"),
        *({"error": {"type": "exceed_context_size_error", "n_prompt_tokens": 14429, "n_ctx": 8192}}, 8192),
    ),
    (400, "request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it", None, 8192),
    (400, "Prompt contains 40000 tokens, too large for model with 32768 maximum context length", None, 32768),
    (
        *(400, "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with "),
        *(None, None),
    ),
    (400, "the model is loaded with context length of only 4096 tokens, which is not enough", None, 4096),
    (
        *(400, "'max_tokens' or 'max_completion_tokens' is too large: 9000. This model's maximum context length is"),
        *([{"error": {"code": "context_length_exceeded"}}], None),
    ),
    (413, "Please reduce the length of the messages or completion.", None, None),
]


@pytest.mark.parametrize(("status", "said", "error", "limit"), REFUSALS)
def test_a_prompt_that_is_too_long_is_told_with_its_limit(
    status: int, said: str, error: Any, limit: int | None
) -> None:
    fault = window_refusal("Acme", status, said, error)
    assert fault is not None
    assert fault.limit == limit
    assert (fault.run_code, fault.blame) == ("invalid_prompt", "request")
    assert fault.message.startswith(f"Acme did not accept the request ({status}): {said[:20]}")


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (429, "This model's maximum context length is 8192 tokens.", None),
        (413, "Request too large for model on tokens per minute (TPM): Limit 6000, Requested 7000", None),
        (400, "Unsupported parameter: 'max_tokens' is not supported with this model.", {"error": {"code": 400}}),
        (400, "The context of your question is unclear", {"n_ctx": True}),
        (400, "", None),
        (400, "", ["x"]),
        (400, "max_tokens is too large: 100000. This model supports at most 4096 completion tokens", None),
    ],
)
def test_any_other_refusal_is_none(status: int, said: str, error: Any) -> None:
    assert window_refusal("Acme", status, said, error) is None


def test_what_the_provider_says_is_bounded() -> None:
    fault = window_refusal("Acme", 400, "prompt is too long " + "x" * 10_000, None)
    assert fault is not None
    assert len(fault.message) < 400
