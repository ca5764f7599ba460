"""Aliases: other names for models, each with what serves it instead."""

from collections.abc import Iterator, Mapping

from retinue.core.errors import NotStarted

MOST_STEPS = 10  # from an alias by way of others to a model


class Aliases:
    """What each alias leads to. One that stands in its own list means the model of that name."""

    def __init__(self, aliases: Mapping[str, tuple[str, ...]]) -> None:
        """Raises NotStarted for aliases that lead nowhere."""
        self._aliases = aliases
        self._leads_to = {alias: tuple(dict.fromkeys(self._followed(alias, ()))) for alias in aliases}

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(self._aliases)

    def models(self, name: str) -> tuple[str, ...]:
        """Return the names of models that a name leads to, in the order in which they are asked."""
        return self._leads_to.get(name, (name,))

    def _followed(self, name: str, path: tuple[str, ...]) -> Iterator[str]:
        if name not in self._aliases or path[-1:] == (name,):
            yield name
            return
        if name in path or len(path) == MOST_STEPS:
            circle = " -> ".join((*path, name))
            raise NotStarted(f"models.aliases leads nowhere: {circle}. Have each alias end at a model.")
        if not self._aliases[name]:
            raise NotStarted(f"models.aliases has '{name}' without a model. Name one, or leave the alias out.")
        for target in self._aliases[name]:
            yield from self._followed(target, (*path, name))
