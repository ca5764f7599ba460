"""What model calls cost: what the settings say, else nothing on one's own machine, else what the price list says."""

from collections.abc import Mapping

from retinue.core.usage import Usage
from retinue.models.address import LOOPBACK, host_of
from retinue.models.base import REHEARSAL, Finished
from retinue.models.prices.price_list import PriceList, Rates

FREE = Rates(prompt=0.0, cached=0.0, completion=0.0)


class Prices:
    """Prices by the name of a provider and its name for a model."""

    def __init__(self, addresses: Mapping[str, str], own: Mapping[str, Rates]) -> None:
        """`addresses` are the providers' base URLs by their names; `own` has rates by `provider/model` or `model`."""
        self._addresses, self._own = addresses, own
        self._here = {provider for provider, address in addresses.items() if host_of(address) in LOOPBACK}
        """Whose models run on this machine; one that only passes calls on wants a price in the settings."""
        self._list = PriceList()

    async def of_call(self, finished: Finished, usage: Usage) -> float | None:
        """Return what a call cost that ended so, in US dollars; None where no price is known. Never raises.

        A price that the settings have for the model that was asked for holds, whatever version of it answered.
        """
        name = f"{finished.provider}/{finished.asked}"
        rates = self._own.get(name) or self._own.get(finished.asked)
        return rates.cost_usd(usage) if rates else await self.cost_usd(finished.provider, finished.model, usage)

    async def cost_usd(self, provider: str, model: str, usage: Usage) -> float | None:
        """Return what a call cost in US dollars; None where no price is known. Never raises.

        `model` is the provider's name for the model that answered.
        """
        if rates := self._told(provider, model):
            return rates.cost_usd(usage)
        address = self._addresses.get(provider)
        return None if address is None else await self._list.cost_usd(address, model, usage)

    async def rates(self, provider: str, model: str) -> Rates | None:
        """Return what a model's tokens cost now, to be shown; None where no price is known. Never raises."""
        if rates := self._told(provider, model):
            return rates
        address = self._addresses.get(provider)
        return None if address is None else await self._list.rates(address, model)

    def _told(self, provider: str, model: str) -> Rates | None:
        own = self._own.get(f"{provider}/{model}") or self._own.get(model)
        return own or (FREE if (not provider and model == REHEARSAL) or provider in self._here else None)
