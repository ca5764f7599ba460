"""Patterns: a text that a regular expression matches."""

import string
from collections.abc import Iterator
from typing import Any

from retinue.models.rehearsal.matching import allows, parsed
from retinue.models.rehearsal.work import spend, spend_text

_TRIES = range(1, 24)  # how often what may repeat is repeated
_LONGEST = 10_000  # characters
_CHARACTERS = string.ascii_letters + string.digits + "-_.@ " + string.punctuation + "\t\né"


def samples(pattern: str, *, length: int = 0) -> Iterator[str]:
    """Yield texts that are likely to match, each made another length where the pattern leaves that open.

    `length` in characters is what the longest of them goes for. Whether one matches is for the caller to check.
    """
    tree = parsed(pattern)
    if tree is None:
        return
    seen: set[str] = set()
    for times in (*_TRIES, length):
        text = _Sampler(times).text(tree)
        if text not in seen:
            yield text
        seen.add(text)


class _Sampler:
    """Writes the first thing that each part of a pattern allows."""

    def __init__(self, times: int) -> None:
        self._times = times
        self._groups: dict[int, str] = {}

    def text(self, tree: Any) -> str:
        """Return a text for the parts of a pattern."""
        text = "".join(self._part(operator, argument) for operator, argument in tree)[:_LONGEST]
        spend_text(len(text))
        return text

    def _part(self, operator: Any, argument: Any) -> str:
        spend()
        match operator.name:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                return next((one for one in _characters(operator, argument) if allows(operator, argument, one)), "")
            case "BRANCH":
                return self.text(argument[1][0])
            case "SUBPATTERN":
                text = self.text(argument[3])
                self._groups[argument[0]] = text
                return text
            case "GROUPREF":
                return self._groups.get(argument, "")
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, tree = argument
                return self._repeated(least, most, self.text(tree))
            case "ATOMIC_GROUP":
                return self.text(argument)
            case _:
                return ""

    def _repeated(self, least: int, most: int, text: str) -> str:
        room = _LONGEST // max(len(text), 1)
        return text * min(max(self._times, least), most, room)


def _characters(operator: Any, argument: Any) -> str:
    return chr(argument) if operator.name == "LITERAL" else _CHARACTERS
