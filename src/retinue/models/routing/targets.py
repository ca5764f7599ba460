"""From the name of a model to who is asked for it, and under which name."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from msgspec import Struct

from retinue.core.errors import ModelFault
from retinue.models.base import REHEARSAL
from retinue.models.provider.provider import Provider
from retinue.models.routing.aliases import Aliases
from retinue.models.routing.built_in import BuiltIn

_SHOWN = 200  # characters of a name that nobody knows


class Target(Struct, frozen=True):
    """A provider, and its name for the model."""

    provider: Provider | BuiltIn
    model: str


class UnknownModel(ModelFault):
    """No provider has a model of this name."""

    def __init__(self, name: str, *, near: Sequence[str]) -> None:
        hint = f" Did you mean {' or '.join(repr(match) for match in near)}?" if near else ""
        super().__init__(
            f"No provider has a model '{name[:_SHOWN]}'.{hint} `retinue models` lists what there is.", blame="request"
        )


class Targets:
    """Finds who serves a name: as the settings have it, else as the providers list it."""

    def __init__(
        self,
        providers: Sequence[Provider],
        built_in: BuiltIn,
        *,
        aliases: Aliases,
        fallbacks: tuple[str, ...] = (),
        default_model: str | None = None,
    ) -> None:
        self._providers = tuple(providers)
        self._named = {provider.name: provider for provider in providers}
        self._built_in, self._aliases = built_in, aliases
        self._fallbacks, self._default_model = fallbacks, default_model

    async def of(self, name: str, *, chats: bool) -> list[Target]:
        """Return who is asked for a model, in order; raises UnknownModel where there is nobody.

        `chats` is whether a model that chats is of use: only then do default models stand in.
        """
        found = await self._leading(name, chats=chats)
        if not found and self._default_model and chats:
            found = await self._leading(self._default_model, chats=chats)
        for fallback in self._fallbacks if chats else ():
            found += await self._leading(fallback, chats=chats)
        if not found:
            raise UnknownModel(name, near=self._near(name))
        return list(dict.fromkeys(found))

    def of_any(self) -> list[Target]:
        """Return who is asked where no model is named."""
        return [Target(provider, "") for provider in self._providers] or [Target(self._built_in, "")]

    async def _leading(self, name: str, *, chats: bool) -> list[Target]:
        models = self._aliases.models(name)
        return [target for model in models for target in await self._serving(model, chats=chats)]

    async def _serving(self, model: str, *, chats: bool) -> list[Target]:
        if model == REHEARSAL or not self._providers:
            return [Target(self._built_in, model)]
        prefix, _, rest = model.partition("/")
        if rest and (provider := self._named.get(prefix)):
            return [Target(provider, rest)]
        if matching := [provider for provider in self._providers if provider.matches(model)]:
            return [Target(provider, model) for provider in matching]
        return await self._listing(model, chats=chats)

    async def _listing(self, model: str, *, chats: bool) -> list[Target]:
        """Return who has the model in the list of its models, or takes another in its place."""
        listing = [provider for provider in self._providers if not provider.models]
        default = [Target(p, p.default_model) for p in self._providers if p.default_model and chats]
        stands_in = default or (chats and self._default_model)
        if len(listing) == 1 and (not stands_in or model in (listing[0].default_model, self._default_model)):
            return [Target(listing[0], model)]  # it says itself what it lacks
        for place, provider in enumerate(listing):
            if await provider.listing.has(model):
                others = [other for other in listing[place + 1 :] if other.listing.shows(model)]
                return [Target(found, model) for found in (provider, *others)]
        silent = [Target(provider, model) for provider in listing if provider.listing.names is None]
        return default or silent

    def _near(self, name: str) -> list[str]:
        return get_close_matches(name[:_SHOWN], sorted(set(self._known())), n=3)

    def _known(self) -> Iterator[str]:
        yield from self._aliases.names
        for provider in self._providers:
            yield from provider.listing.names or ()
            yield from provider.named
