"""Prices as the settings have them, and the price list for all others."""

from collections.abc import Mapping

from retinue.models.prices.price_list import Rates
from retinue.models.prices.prices import Prices
from retinue.settings import PriceSettings, Settings


def prices_of(settings: Settings, addresses: Mapping[str, str]) -> Prices:
    """Return what models cost; `addresses` are the base URLs of the providers in use, by their names."""
    own = {name: _rates(model.price) for name, model in settings.models.items() if model.price}
    return Prices(addresses, own)


def _rates(price: PriceSettings) -> Rates:
    cached = price.prompt if price.cached is None else price.cached
    return Rates(prompt=price.prompt, cached=cached, completion=price.completion)
