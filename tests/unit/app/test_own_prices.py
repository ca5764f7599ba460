from pathlib import Path

import pytest

from retinue.app.prices import prices_of
from retinue.core.usage import Usage
from retinue.settings import ModelSettings, PriceSettings, Settings

SPENT = Usage(prompt=1_000_000, cached=500_000, completion=1_000_000)


@pytest.mark.parametrize(("cached", "cost"), [(None, 2 + 8), (0.0, 1 + 8), (1.0, 1 + 0.5 + 8)])
async def test_cached_tokens_cost_what_the_settings_say_or_as_much_as_others(cached: float | None, cost: float) -> None:
    about = {
        "acme/m": ModelSettings(price=PriceSettings(prompt=2, completion=8, cached=cached)),
        "other": ModelSettings(images=True),
    }
    prices = prices_of(Settings(data=Path(), models=about), {"acme": "https://acme.example/v1"})
    assert await prices.cost_usd("acme", "m", SPENT) == cost
    assert await prices.cost_usd("acme", "other", SPENT) is None
