"""The price list that the genai-prices package brings along, looked up by a provider's address; no network."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from retinue.core.usage import Usage

_MEMORY = 4_096  # models; names come from callers, so there is a bound
_SAMPLE = 1_000  # tokens: few enough for the first step of a price that has steps
_MILLION = 1_000_000


class Rates(Struct, frozen=True, kw_only=True):
    """US dollars for a million tokens."""

    prompt: float
    cached: float
    """Of the prompt's, those that the provider's cache had."""
    completion: float
    """Reasoning included, which providers sell at the same price."""

    def cost_usd(self, usage: Usage) -> float:
        """Return what a call costs at these rates."""
        cached = min(usage.cached, usage.prompt)
        fresh = usage.prompt - cached
        return (fresh * self.prompt + cached * self.cached + usage.completion * self.completion) / _MILLION


class _Price(Struct, frozen=True):
    """A price in the list, and its rates: worked out once, for the package's own sum takes 110 us a call."""

    listed: Any
    rates: Rates
    """Of the first tokens."""
    uniform: bool
    """Whether they hold for all tokens."""


class _Tariff(Struct):
    """A model's entry in the list, with each price that it has had so far."""

    entry: Any
    prices: dict[int, _Price] = {}

    def price(self) -> _Price:
        listed = self.entry.get_prices(datetime.now(UTC))  # by the date and, with some providers, the time of day
        # Keyed by identity: prices have no hash. The listed one is kept, so that its id stays its own.
        if id(listed) not in self.prices:
            self.prices[id(listed)] = _Price(listed, _rates(listed), _is_uniform(listed))
        return self.prices[id(listed)]


class PriceList:
    """Prices by the address of a provider and its name for a model."""

    def __init__(self) -> None:
        self._tariffs: dict[tuple[str, str], _Tariff | None] = {}

    async def cost_usd(self, base_url: str, model: str, usage: Usage) -> float | None:
        """Return what a call costs; None where the list doesn't have the provider or the model. Never raises."""
        try:
            tariff = await self._tariff(base_url, model)
            return None if tariff is None else _cost(tariff.price(), usage)
        except Exception:  # a price is not worth a run, whatever the package stumbles over
            return None

    async def rates(self, base_url: str, model: str) -> Rates | None:
        """Return what a model's tokens cost now; of a price with steps, the first one. Never raises."""
        try:
            tariff = await self._tariff(base_url, model)
            return None if tariff is None else tariff.price().rates
        except Exception:  # as above
            return None

    async def _tariff(self, base_url: str, model: str) -> _Tariff | None:
        key = (base_url, model)
        if key not in self._tariffs:
            # The first use imports the package, which takes 0.3 s.
            tariff = await asyncio.to_thread(_look_up, base_url, model)
            if len(self._tariffs) >= _MEMORY:
                self._tariffs.clear()
            self._tariffs[key] = tariff
        return self._tariffs[key]


def _look_up(base_url: str, model: str) -> _Tariff | None:
    # Here and not at the top: the import takes 0.3 s and 30 MB, and not every process asks for a price.
    from genai_prices.data_snapshot import get_snapshot

    try:
        # Gemini's own list has each name with "models/" before it.
        _, entry = get_snapshot().find_provider_model(model.removeprefix("models/"), None, None, base_url)
    except LookupError:
        return None
    return _Tariff(entry)


def _cost(price: _Price, usage: Usage) -> float:
    return price.rates.cost_usd(usage) if price.uniform else _listed_cost(price.listed, usage)


def _is_uniform(listed: Any) -> bool:
    from genai_prices.types import TieredPrices  # see _look_up

    stepped = any(isinstance(value, TieredPrices) for value in vars(listed).values())
    return not stepped and listed.output_reasoning_mtok is None


def _rates(listed: Any) -> Rates:
    def rate(usage: Usage) -> float:
        return _listed_cost(listed, usage) / _SAMPLE * _MILLION

    return Rates(
        prompt=rate(Usage(prompt=_SAMPLE)),
        cached=rate(Usage(prompt=_SAMPLE, cached=_SAMPLE)),
        completion=rate(Usage(completion=_SAMPLE)),
    )


def _listed_cost(listed: Any, usage: Usage) -> float:
    from genai_prices import Usage as ListedUsage  # see _look_up

    spent = ListedUsage(
        input_tokens=usage.prompt,
        cache_read_tokens=min(usage.cached, usage.prompt),
        output_tokens=usage.completion,
        output_reasoning_tokens=min(usage.reasoning, usage.completion),
    )
    return float(listed.calc_price(spent)["total_price"])
