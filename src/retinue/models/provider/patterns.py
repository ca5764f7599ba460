"""Patterns of models' names, as the settings have them: `*`, `?` and `[...]` as a shell has them."""

from collections.abc import Iterable
from fnmatch import fnmatchcase

_WILD = frozenset("*?[")


def is_pattern(name: str) -> bool:
    """Whether a name stands for any number of models, and not for one."""
    return not _WILD.isdisjoint(name)


def matches_any(model: str, patterns: Iterable[str]) -> bool:
    """Whether one of the patterns stands for a model."""
    return any(fnmatchcase(model, pattern) for pattern in patterns)
