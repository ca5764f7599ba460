"""Cuts text into windows of at most so many tokens, at the end of a line, a sentence or a word."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from retinue.models.tokens.encodings import Encoding

_BLOCK = 65_536  # characters that are cut at a time
_LONGEST = 48  # characters of a word that are counted as one; what is longer is no word, and may be a megabyte
_KNOWN = 65_536  # units whose tokens are remembered: some 8 MB

# Where the encoding begins a token anew whatever comes before, so that the tokens of units add up to the text's. A
# line's end goes with the word before it, the space between two words with the word after it.
_UNIT = re.compile(rf"\s{{0,16}}+\S{{1,{_LONGEST}}}+(?:\s{{0,16}}[\r\n])?|\s{{1,64}}+")
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "।", "؟", '."', '!"', '?"', ".)")


class Cutter:
    """Takes a file's text piece by piece and gives it back window by window; no window spans two pages."""

    def __init__(self, encoding: Encoding, *, tokens: int) -> None:
        self._encode = encoding.encode_ordinary
        self._tokens = tokens
        self._counts = _Counts(encoding)
        self._page: int | None = None
        self._pieces: list[str] = []
        self._characters = 0

    def push(self, page: int | None, text: str) -> Iterator[tuple[int | None, str]]:
        """Yield the windows that are whole with this piece, each with its page."""
        if page != self._page:
            yield from self.end()
            self._page = page
        self._pieces.append(text)
        self._characters += len(text)
        if self._characters >= _BLOCK:
            yield from self._cut(last=False)

    def end(self) -> Iterator[tuple[int | None, str]]:
        """Yield the windows that are left."""
        yield from self._cut(last=True)

    def _cut(self, *, last: bool) -> Iterator[tuple[int | None, str]]:
        text = "".join(self._pieces)
        units = self._units(text)
        ends = list(accumulate(map(self._counts.__getitem__, units)))
        begin, taken = 0, 0
        while begin < len(units):
            limit = bisect_right(ends, taken + self._tokens, begin)
            if limit == len(units) and not last:
                break  # what comes next may belong to it
            if limit < len(units):
                limit = _border(units, begin, limit)
            limit = self._fitting(units, begin, limit)
            yield self._page, "".join(units[begin:limit])
            begin, taken = limit, ends[limit - 1]
        self._pieces = units[begin:]
        self._characters = sum(map(len, self._pieces))

    def _units(self, text: str) -> list[str]:
        units: list[str] = _UNIT.findall(text)
        most = self._tokens // 2
        if all(self._counts[unit] <= most for unit in units if len(unit) > most // 4):
            return units
        return [part for unit in units for part in self._parts(unit, most)]

    def _parts(self, unit: str, most: int) -> Iterator[str]:
        """Yield a unit that would fill a window in parts that do not: no character has more than four tokens."""
        size = len(unit) if self._counts[unit] <= most else most // 4
        return (unit[start : start + size] for start in range(0, len(unit), size))

    def _fitting(self, units: list[str], begin: int, limit: int) -> int:
        """Return where the window must end: parts of one long word may have more tokens together than one by one."""
        while limit - begin > 1 and max(map(len, units[begin:limit])) >= _LONGEST:
            if len(self._encode("".join(units[begin:limit]))) <= self._tokens:
                break
            limit -= 1
        return limit


class _Counts(dict[str, int]):
    """The tokens of units; it starts anew when it is full."""

    def __init__(self, encoding: Encoding) -> None:
        self._encode = encoding.encode_ordinary

    def __missing__(self, unit: str) -> int:
        if len(self) >= _KNOWN:
            self.clear()
        self[unit] = count = len(self._encode(unit))
        return count


def _border(units: list[str], begin: int, limit: int) -> int:
    """Return the best place for a window's end within its last quarter: after how many units."""
    first = limit - (limit - begin) // 4
    return max(range(limit, max(first, begin + 1) - 1, -1), key=lambda end: _worth(units[end - 1], units[end]))


def _worth(before: str, after: str) -> int:
    """Return how good a place between two units is: a line's end, a sentence's, a word's, or none of them."""
    if before[-1] in "\r\n":
        return 3
    if not after[0].isspace():
        return 0
    return 2 if before.endswith(_SENTENCE_ENDS) else 1
