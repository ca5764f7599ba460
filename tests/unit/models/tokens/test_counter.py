"""Counts agree with what OpenAI publishes, stay below their bounds, and cost little however hostile the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retinue.models.tokens import counter_for

# https://github.com/openai/openai-cookbook, "How to count tokens with tiktoken"
PUBLISHED = [
    ("gpt-4", "antidisestablishmentarianism", 6),
    ("gpt-4o", "antidisestablishmentarianism", 6),
    ("gpt-4", "2 + 2 = 4", 7),
    ("gpt-4o", "2 + 2 = 4", 7),
    ("gpt-4", "お誕生日おめでとう", 9),
    ("gpt-4o", "お誕生日おめでとう", 8),
    ("gpt-4o", "tiktoken is great!", 6),
]


@pytest.mark.parametrize(("model", "text", "tokens"), PUBLISHED)
async def test_texts_come_to_what_is_published(model: str, text: str, tokens: int) -> None:
    assert await counter_for(model).count(text) == tokens


@pytest.mark.parametrize(
    ("model", "exact"),
    [
        ("gpt-4o-mini", True),
        ("openai/gpt-4.1", True),
        ("gpt-3.5-turbo-1106", True),
        ("gpt-oss-20b", True),
        ("text-davinci-003", False),
        ("llama3.2:3b", False),
        ("claude-sonnet-4-5", False),
        ("", False),
    ],
)
def test_only_a_known_encoding_is_exact(model: str, exact: bool) -> None:
    assert counter_for(model).exact is exact


@given(text=st.text())
async def test_no_text_comes_to_more_than_its_bound(text: str) -> None:
    for model in ("gpt-4o", "gpt-4"):
        counter = counter_for(model)
        assert await counter.count(text) <= counter.bound(text)
