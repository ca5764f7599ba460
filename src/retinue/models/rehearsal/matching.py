"""Matching: whether a text has a match of a client's regular expression, without Python's matcher.

That one backtracks: `^(a+)+$` takes it longer than the universe lasts. Here all places where a match may go on are
followed side by side, which takes steps in proportion to text and pattern, and each of them counts as work.
"""

import functools
import re
from collections.abc import Callable, Set
from importlib import import_module
from typing import Any

from retinue.models.rehearsal.work import CHARACTERS_PER_STEP, spend

_parse: Callable[[str], Any] = import_module("re._parser").parse  # private, and unknown to mypy

_LONGEST_PATTERN = 1_000  # characters

_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda character: character.isalnum() or character == "_",
}


class _Unsupported(Exception):
    """The pattern has a part that can't be followed this way, such as a reference back to a group."""


def has_match(pattern: str, text: str) -> bool:
    """Return whether the text has a match; also true where the pattern is in another dialect or can't be followed."""
    tree = parsed(pattern)
    if tree is None or tree.state.flags != re.UNICODE:
        return True
    try:
        return bool(_Walk(text).ends(tree, range(len(text) + 1)))
    except _Unsupported:
        return True


@functools.lru_cache(maxsize=256)
def parsed(pattern: str) -> Any:
    """Return Python's parse of a pattern: pairs of an operator and its argument; None if it is none of Python's."""
    spend(len(pattern))
    if len(pattern) > _LONGEST_PATTERN:
        return None
    try:
        return _parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return None


def allows(operator: Any, argument: Any, character: str) -> bool:
    """Return whether a part of a pattern that stands for one character stands for this one."""
    match operator.name:
        case "LITERAL":
            return bool(ord(character) == argument)
        case "NOT_LITERAL":
            return bool(ord(character) != argument)
        case "ANY":
            return character != "\n"
        case "RANGE":
            return bool(argument[0] <= ord(character) <= argument[1])
        case "CATEGORY":
            category = _CATEGORIES[argument.name.replace("_NOT_", "_")]
            return category(character) is not ("_NOT_" in argument.name)
        case _:
            negated = argument[0][0].name == "NEGATE"
            members = argument[1:] if negated else argument
            return negated is not any(allows(member, value, character) for member, value in members)


class _Walk:
    """Follows a pattern through one text, from many places at once."""

    def __init__(self, text: str) -> None:
        self._text = text

    def ends(self, tree: Any, starts: Set[int] | range) -> Set[int]:
        """Return where a match of this part can end, if it begins at one of those places."""
        places: Set[int] = frozenset(starts)
        for operator, argument in tree:
            if not places:
                break
            spend(1 + len(places) // CHARACTERS_PER_STEP)
            places = self._after(operator, argument, places)
        return places

    def _after(self, operator: Any, argument: Any, starts: Set[int]) -> Set[int]:
        match operator.name:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                last = len(self._text)
                return {at + 1 for at in starts if at < last and allows(operator, argument, self._text[at])}
            case "AT":
                return {at for at in starts if self._stands(argument.name, at)}
            case "BRANCH":
                return {end for branch in argument[1] for end in self.ends(branch, starts)}
            case "SUBPATTERN" if not argument[1] and not argument[2]:
                return self.ends(argument[3], starts)
            case "MAX_REPEAT" | "MIN_REPEAT":
                least, most, tree = argument
                return self._repeated(least, most, tree, starts)
            case "ASSERT" | "ASSERT_NOT":
                wanted = operator.name == "ASSERT"
                direction, tree = argument
                return {at for at in starts if self._looks(direction, tree, at) is wanted}
            case _:
                raise _Unsupported

    def _repeated(self, least: int, most: int, tree: Any, starts: Set[int]) -> Set[int]:
        places = starts
        for _ in range(least):
            after = self.ends(tree, places)
            if after == places:
                break
            places = after
        reached, fresh = set(places), places
        for _ in range(most - least):
            fresh = self.ends(tree, fresh) - reached
            if not fresh:
                break
            reached |= fresh
        return reached

    def _looks(self, direction: int, tree: Any, at: int) -> bool:
        if direction > 0:
            return bool(self.ends(tree, {at}))
        shortest, longest = tree.getwidth()
        if shortest != longest:
            raise _Unsupported
        return at >= shortest and at in self.ends(tree, {at - shortest})

    def _stands(self, where: str, at: int) -> bool:
        last = len(self._text)
        match where:
            case "AT_BEGINNING" | "AT_BEGINNING_STRING":
                return at == 0
            case "AT_END":
                return at == last or (at == last - 1 and self._text[at] == "\n")
            case "AT_END_STRING":
                return at == last
            case _:
                return (self._in_word(at - 1) is not self._in_word(at)) is (where == "AT_BOUNDARY")

    def _in_word(self, at: int) -> bool:
        return 0 <= at < len(self._text) and _CATEGORIES["CATEGORY_WORD"](self._text[at])
