import time

import pytest

from retinue.core.usage import Usage
from retinue.models import Finished
from retinue.models.prices.price_list import Rates
from retinue.models.prices.prices import Prices

ADDRESSES = {
    "openai": "https://api.openai.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/openai",
    "perplexity": "https://api.perplexity.ai",
    "local": "http://127.0.0.1:11434/v1",
    "lan": "http://192.168.0.7:8000/v1",
    "broken": "not a url",
}
PRICES = Prices(ADDRESSES, {})


async def test_a_call_costs_what_the_list_says() -> None:
    cost = await PRICES.cost_usd("openai", "gpt-4o-mini", Usage(prompt=1_000_000, completion=100_000))
    assert cost == pytest.approx(0.15 + 0.06)


async def test_cached_tokens_cost_less() -> None:
    cost = await PRICES.cost_usd("openai", "gpt-4o-mini", Usage(prompt=1_000_000, cached=400_000))
    assert cost == pytest.approx(0.6 * 0.15 + 0.4 * 0.075)


async def test_a_dated_model_has_the_price_of_its_kind() -> None:
    cost = await PRICES.cost_usd("openai", "gpt-4o-mini-2024-07-18", Usage(completion=1000))
    assert cost == pytest.approx(0.0006)


async def test_a_name_with_its_kind_before_it_has_the_same_price() -> None:
    usage = Usage(prompt=1000)
    assert await PRICES.cost_usd("gemini", "models/gemini-2.5-pro", usage) == await PRICES.cost_usd(
        "gemini", "gemini-2.5-pro", usage
    )


async def test_steps_in_a_price_count() -> None:
    below = await PRICES.cost_usd("gemini", "gemini-2.5-pro", Usage(prompt=200_000))
    above = await PRICES.cost_usd("gemini", "gemini-2.5-pro", Usage(prompt=200_001))
    assert below is not None
    assert above is not None
    assert above > 1.5 * below


async def test_reasoning_costs_what_the_completion_does_unless_the_list_has_a_price_for_it() -> None:
    plain, thoughtful = Usage(completion=1_000), Usage(completion=1_000, reasoning=900)
    costs = [await PRICES.cost_usd("openai", "gpt-4o-mini", usage) for usage in (plain, thoughtful)]
    assert costs[0] == costs[1]
    cost = await PRICES.cost_usd("perplexity", "sonar-deep-research", Usage(completion=1_000_000, reasoning=400_000))
    assert cost == pytest.approx(0.6 * 8 + 0.4 * 3)


@pytest.mark.parametrize("name", ["openai/gpt-4o-mini", "gpt-4o-mini"])
async def test_the_settings_price_goes_before_the_list(name: str) -> None:
    prices = Prices(ADDRESSES, {name: Rates(prompt=10, cached=1, completion=100)})
    usage = Usage(prompt=100, cached=40, completion=10, reasoning=5)
    cost = await prices.cost_usd("openai", "gpt-4o-mini", usage)
    assert cost == pytest.approx((60 * 10 + 40 * 1 + 10 * 100) / 1_000_000)


async def test_a_price_for_one_provider_goes_before_one_for_all() -> None:
    own = {"m": Rates(prompt=1, cached=1, completion=1), "lan/m": Rates(prompt=2, cached=2, completion=2)}
    prices = Prices(ADDRESSES, own)
    assert await prices.cost_usd("lan", "m", Usage(prompt=1_000_000)) == 2
    assert await prices.cost_usd("openai", "m", Usage(prompt=1_000_000)) == 1


async def test_the_settings_price_of_what_was_asked_for_holds_whatever_version_answers() -> None:
    prices = Prices(ADDRESSES, {"openai/gpt-4o": Rates(prompt=10, cached=1, completion=100)})
    ended = Finished(reason="stop", model="gpt-4o-2024-08-06", asked="gpt-4o", provider="openai")
    assert await prices.of_call(ended, Usage(prompt=1_000_000)) == 10


async def test_another_servers_rehearsal_has_its_own_price() -> None:
    ended = Finished(reason="stop", model="rehearsal", asked="m", provider="lan")
    assert await Prices(ADDRESSES, {}).of_call(ended, Usage(prompt=1)) is None


async def test_rehearsal_and_models_on_this_machine_are_free() -> None:
    assert await PRICES.cost_usd("", "rehearsal", Usage(prompt=5)) == 0.0
    assert await PRICES.cost_usd("local", "llama3.2", Usage(prompt=5)) == 0.0


async def test_a_model_on_this_machine_has_the_price_that_the_settings_name() -> None:
    prices = Prices(ADDRESSES, {"local/llama3.2": Rates(prompt=1, cached=1, completion=1)})
    assert await prices.cost_usd("local", "llama3.2", Usage(prompt=1_000_000)) == 1


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "no-such-model"),
        ("openai", ""),
        ("openai", "\ud800"),
        ("broken", "gpt-4o-mini"),
        ("lan", "gpt-4o-mini"),
        ("unknown", "gpt-4o-mini"),
    ],
)
async def test_what_is_in_no_list_has_no_price(provider: str, model: str) -> None:
    assert await PRICES.cost_usd(provider, model, Usage(prompt=5)) is None
    assert await PRICES.rates(provider, model) is None


async def test_rates_are_dollars_for_a_million_tokens() -> None:
    rates = await PRICES.rates("openai", "gpt-4o-mini")
    assert rates is not None
    assert (rates.prompt, rates.cached, rates.completion) == pytest.approx((0.15, 0.075, 0.6))


async def test_rates_of_a_price_with_steps_are_those_of_the_first() -> None:
    rates = await PRICES.rates("gemini", "gemini-2.5-pro")
    assert rates is not None
    assert rates.prompt == pytest.approx(1.25)


async def test_figures_that_make_no_sense_do_not_raise() -> None:
    cost = await PRICES.cost_usd("openai", "gpt-4o-mini", Usage(prompt=1, cached=5, completion=1, reasoning=7))
    assert cost is not None
    assert cost >= 0


async def test_a_known_model_costs_little_time() -> None:
    usage = Usage(prompt=1000, completion=100, cached=50)
    await PRICES.cost_usd("openai", "gpt-4o-mini", usage)
    start = time.process_time()
    for _ in range(1000):
        await PRICES.cost_usd("openai", "gpt-4o-mini", usage)
    assert time.process_time() - start < 0.05  # 50 us each; measured: 2 us
