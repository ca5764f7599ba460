"""What a model call cost, by the price list that the genai-prices package brings along; no network."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from retinue.core.usage import Usage
from retinue.models.base import REHEARSAL

_MEMORY = 4096  # models; names come from callers, so there is a bound
_SAMPLE = 1_000_000  # tokens: prices are per million


class _Rates(Struct, frozen=True):
    """US dollars per token, of a price that is the same for the first token and the last."""

    prompt: float
    cached: float
    completion: float


class _Tariff(Struct):
    """A model's entry in the price list, with the rates of each price that it has had so far."""

    model: Any
    rates: dict[int, tuple[Any, _Rates | None]] = {}


_tariffs: dict[tuple[str, str | None], _Tariff | None] = {}


async def cost_usd(model: str, usage: Usage, *, provider_url: str | None) -> float | None:
    """Return what a call cost in US dollars; None where no price is known. Never raises.

    `model` is the provider's name for the model that answered, `provider_url` the provider's base URL: a provider
    that is not in the list has no known price, whatever its models are called. Without a URL the model's name
    tells the provider.
    """
    if model == REHEARSAL:
        return 0.0
    key = (model, provider_url)
    try:
        if key not in _tariffs:
            # The first use imports the package, which takes 0.3 s.
            _remember(key, await asyncio.to_thread(_look_up, model, provider_url))
        tariff = _tariffs.get(key)
        return None if tariff is None else _cost(tariff, usage)
    except Exception:  # a price is not worth a run, whatever the package stumbles over
        return None


def _remember(key: tuple[str, str | None], tariff: _Tariff | None) -> None:
    if len(_tariffs) >= _MEMORY:
        _tariffs.clear()
    _tariffs[key] = tariff


def _look_up(model: str, provider_url: str | None) -> _Tariff | None:
    # Here and not at the top: the import takes 0.3 s and 30 MB, and not every process asks for a price.
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, entry = get_snapshot().find_provider_model(model, None, None, provider_url)
    except LookupError:
        return None
    return _Tariff(entry)


def _cost(tariff: _Tariff, usage: Usage) -> float:
    now = datetime.now(UTC)
    price = tariff.model.get_prices(now)  # by the date and, with some providers, the time of day
    # Keyed by identity: prices have no hash. The price is kept beside its rates so that its id stays its own.
    if id(price) not in tariff.rates:
        tariff.rates[id(price)] = (price, _rates(price))
    rates = tariff.rates[id(price)][1]
    if rates is None:
        return _listed_cost(price, usage)
    fresh = max(usage.prompt - usage.cached, 0)
    return fresh * rates.prompt + usage.cached * rates.cached + usage.completion * rates.completion


def _rates(price: Any) -> _Rates | None:
    """Return the rates behind a price, None if it has steps: the package's own sum takes 110 us a call."""
    from genai_prices.types import TieredPrices

    if any(isinstance(value, TieredPrices) for value in vars(price).values()):
        return None
    return _Rates(
        prompt=_listed_cost(price, Usage(prompt=_SAMPLE)) / _SAMPLE,
        cached=_listed_cost(price, Usage(prompt=_SAMPLE, cached=_SAMPLE)) / _SAMPLE,
        completion=_listed_cost(price, Usage(completion=_SAMPLE)) / _SAMPLE,
    )


def _listed_cost(price: Any, usage: Usage) -> float:
    from genai_prices import Usage as ListedUsage

    listed = ListedUsage(
        input_tokens=usage.prompt, output_tokens=usage.completion, cache_read_tokens=min(usage.cached, usage.prompt)
    )
    return float(price.calc_price(listed)["total_price"])
