import time

import pytest

from retinue.core.usage import Usage
from retinue.models.prices import cost_usd

OPENAI = "https://api.openai.com/v1"


async def test_a_call_costs_what_the_list_says() -> None:
    cost = await cost_usd("gpt-4o-mini", Usage(prompt=1_000_000, completion=100_000), provider_url=OPENAI)
    assert cost == pytest.approx(0.15 + 0.06)


async def test_cached_tokens_cost_less() -> None:
    cost = await cost_usd("gpt-4o-mini", Usage(prompt=1_000_000, cached=400_000), provider_url=OPENAI)
    assert cost == pytest.approx(0.6 * 0.15 + 0.4 * 0.075)


async def test_a_dated_model_has_the_price_of_its_kind() -> None:
    assert await cost_usd("gpt-4o-mini-2024-07-18", Usage(completion=1000), provider_url=OPENAI) == pytest.approx(
        0.0006
    )


async def test_without_an_address_the_name_tells_the_provider() -> None:
    assert await cost_usd("gpt-4o-mini", Usage(completion=1000), provider_url=None) == pytest.approx(0.0006)


async def test_steps_in_a_price_count() -> None:
    url = "https://generativelanguage.googleapis.com/v1beta/openai"
    below = await cost_usd("gemini-2.5-pro", Usage(prompt=200_000), provider_url=url)
    above = await cost_usd("gemini-2.5-pro", Usage(prompt=200_001), provider_url=url)
    assert below is not None
    assert above is not None
    assert above > 1.5 * below


async def test_rehearsal_is_free() -> None:
    assert await cost_usd("rehearsal", Usage(prompt=5), provider_url=None) == 0.0


@pytest.mark.parametrize(
    ("model", "url"),
    [
        ("no-such-model", OPENAI),
        ("no-such-model", None),
        ("gpt-4o-mini", "http://127.0.0.1:11434/v1"),
        ("", None),
        ("\ud800", "not a url"),
    ],
)
async def test_what_is_in_no_list_has_no_price(model: str, url: str | None) -> None:
    assert await cost_usd(model, Usage(prompt=5), provider_url=url) is None


async def test_figures_that_make_no_sense_do_not_raise() -> None:
    cost = await cost_usd("gpt-4o-mini", Usage(prompt=1, cached=5), provider_url=OPENAI)
    assert cost is not None
    assert cost >= 0


async def test_a_known_model_costs_little_time() -> None:
    usage = Usage(prompt=1000, completion=100, cached=50)
    await cost_usd("gpt-4o-mini", usage, provider_url=OPENAI)
    start = time.process_time()
    for _ in range(1000):
        await cost_usd("gpt-4o-mini", usage, provider_url=OPENAI)
    assert time.process_time() - start < 0.05  # 50 us each; measured: 2 us
