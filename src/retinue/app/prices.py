"""Prices as the settings and the price list have them."""

from collections.abc import Mapping

from retinue.models.price_list import Rates
from retinue.models.prices import Prices
from retinue.settings import PriceSettings, Settings


def prices_of(settings: Settings, addresses: Mapping[str, str]) -> Prices:
    """Return the prices of the providers at these addresses, which stand under their names."""
    own = {name: _rates(model.price) for name, model in settings.models.items() if model.price}
    return Prices(addresses, own)


def _rates(price: PriceSettings) -> Rates:
    cached = price.prompt if price.cached is None else price.cached
    return Rates(prompt=price.prompt, cached=cached, completion=price.completion)
