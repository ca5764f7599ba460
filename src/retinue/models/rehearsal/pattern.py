"""Patterns: a text that a regular expression matches."""

import re
import string
from collections.abc import Iterator

_TRIES = range(1, 24)  # how often what may repeat is repeated
_MOST_REPEATS = 1000
_LONGEST = 10_000  # characters
_CHARACTERS = string.ascii_letters + string.digits + "-_.@ " + string.punctuation + "\t\né"
_ANCHORS = frozenset("bBAZ")
_GROUP_OPENING = re.compile(r"\?(?:P?<\w+>|[aiLmsux-]*:|(?P<look><?[=!])|(?P<flags>[aiLmsux]+)(?=\)))")
_REPEAT = re.compile(r"([*+?]|\{(\d*)(,?)(\d*)\})[?+]?")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def samples(pattern: str, *, length: int = 0) -> Iterator[str]:
    """Yield texts that the pattern matches, each made another length where it leaves that open; none if it can't.

    `length` in characters is what the longest of them goes for.
    """
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    seen: set[str] = set()
    for times in (*_TRIES, length):
        text = _Sampler(pattern, times).alternatives()
        if text not in seen and compiled.search(text):
            yield text
        seen.add(text)


class _Sampler:
    """Walks a pattern once and writes the first thing that each part of it allows.

    It need not be right: what it writes is checked by the one who asked.
    """

    def __init__(self, pattern: str, times: int) -> None:
        self._pattern = pattern
        self._times = times
        self._at = 0

    def alternatives(self) -> str:
        """Return a text for the first of the alternatives from here, and go past all of them."""
        first = self._sequence()
        while self._take("|"):
            self._sequence()
        return first

    def _sequence(self) -> str:
        text = ""
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            atom = self._atom()
            text += (atom * min(self._repeats(), _LONGEST))[:_LONGEST]
        return text[:_LONGEST]

    def _atom(self) -> str:
        character = self._pattern[self._at]
        if character == "[" and (found := _CLASS.match(self._pattern, self._at)):
            self._at = found.end()
            return _one_of(found[0])
        self._at += 1
        match character:
            case "(":
                return self._group()
            case "\\":
                return self._escape()
            case ".":
                return "a"
            case "^" | "$":
                return ""
            case _:
                return character

    def _group(self) -> str:
        opening = _GROUP_OPENING.match(self._pattern, self._at)
        silent = opening is not None and (opening["look"] or opening["flags"])
        if opening:
            self._at = opening.end()
        text = self.alternatives()
        self._take(")")
        return "" if silent else text

    def _escape(self) -> str:
        character = self._pattern[self._at]
        self._at += 1
        if character in _ANCHORS:
            return ""
        return _one_of(f"\\{character}") if character.isalpha() else character

    def _repeats(self) -> int:
        found = _REPEAT.match(self._pattern, self._at)
        if found is None:
            return 1
        self._at = found.end()
        match found[1]:
            case "*" | "+":
                return self._times
            case "?":
                return 1
        low = int(found[2] or 0)
        high = int(found[4]) if found[4] else (_MOST_REPEATS if found[3] else low)
        return min(max(self._times, low), high, _MOST_REPEATS)

    def _take(self, character: str) -> bool:
        taken = self._pattern.startswith(character, self._at)
        self._at += taken
        return taken


def _one_of(part: str) -> str:
    """Return the first character that this class or escape stands for."""
    try:
        return next((character for character in _CHARACTERS if re.fullmatch(part, character)), "")
    except re.error:
        return ""
