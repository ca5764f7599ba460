"""What is said of settings that can't be meant."""

import difflib
from collections.abc import Iterable

from retinue.core.errors import NotStarted
from retinue.settings.kinds import Kind, Secret
from retinue.settings.secrets import shown
from retinue.settings.source import Source


def refusal(source: Source, value: object, kind: Kind) -> NotStarted:
    """Return the refusal of a value, which is named unless it may be a secret."""
    named = "" if isinstance(kind, Secret) else f" is {shown(value)}; it"
    return NotStarted(f"{source.where}{named} must be {kind.must}.")


def meant(name: str, known: Iterable[str], *, prefix: str = "", near: float = 0.6) -> str:
    """Return the question whether a known name was meant, where one is near; else nothing.

    All names begin with the prefix, which makes none the nearer. `near` is 0 for anything, and 1 for the name itself.
    """
    names = [one.removeprefix(prefix) for one in known]
    found = difflib.get_close_matches(name.removeprefix(prefix), names, n=1, cutoff=near)
    return f" Did you mean {prefix}{found[0]}?" if found else ""
