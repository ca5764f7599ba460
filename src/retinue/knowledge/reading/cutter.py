"""Cuts text into windows of at most so many tokens, at the end of a line, a sentence or a word."""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from retinue.knowledge.reading.units import Measure, Units, Vocabulary

_BLOCK = 65_536  # characters that are cut at a time
_UNITS = 8  # of a window, at least: so much of it may be left empty for the sake of a good end
_LINE = 3
_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "।", "؟", '."', '!"', '?"', ".)")


class Cutter:
    """Takes a file's text piece by piece and gives it back window by window; no window spans two pages."""

    def __init__(self, vocabulary: Vocabulary, *, tokens: int) -> None:
        self._encode = vocabulary.encode
        self._tokens = tokens
        self._measure = Measure(vocabulary, most=tokens // _UNITS)
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
        units = self._measure.units_of("".join(self._pieces))
        ends = list(accumulate(units.tokens))
        begin, taken = 0, 0
        while begin < len(ends):
            limit = bisect_right(ends, taken + self._tokens, begin)
            if limit < len(ends):
                limit = _border(units.texts, begin, limit)
            elif not last:
                break  # what comes next may belong to it
            limit = self._fitting(units, begin, limit)
            yield self._page, "".join(units.texts[begin:limit])
            begin, taken = limit, ends[limit - 1]
        self._pieces = units.texts[begin:]
        self._characters = sum(map(len, self._pieces))

    def _fitting(self, units: Units, begin: int, limit: int) -> int:
        """Return where the window must end for its tokens, counted anew where they may be more than they were."""
        while limit - begin > 1 and units.is_torn(begin, limit):
            if len(self._encode("".join(units.texts[begin:limit]))) <= self._tokens:
                break
            limit -= 1
        return limit


def _border(units: list[str], begin: int, limit: int) -> int:
    """Return the best place for a window's end within its last quarter: after how many units."""
    best, worth = limit, -1
    for end in range(limit, max(begin, limit - (limit - begin) // 4 - 1), -1):
        if (its := _worth(units[end - 1], units[end])) > worth:
            best, worth = end, its
        if worth == _LINE:
            break
    return best


def _worth(before: str, after: str) -> int:
    """Return how good a place between two units is: a line's end, a sentence's, a word's, or none of them."""
    if before[-1] in "\r\n":
        return _LINE
    if not after[0].isspace():
        return 0
    return 2 if before.endswith(_SENTENCE_ENDS) else 1
