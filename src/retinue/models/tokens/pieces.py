"""Long texts in pieces that are counted one after another.

tiktoken's time grows faster than a run of characters without a word's end, and a run of a million spaces overflows
its stack (0.14): no piece is longer than that it takes a dozen milliseconds, whatever stands in it.
"""

import re
from collections.abc import Iterator

PIECE = 32_768  # characters
_SEARCHED = 2_048  # characters before a piece's end in which a place to cut is looked for

# Every encoding begins a token at a space between two words: the counts of the pieces add up to the text's.
_place = re.compile(r"(?<=\S) (?=\S)")


def pieces_of(text: str) -> Iterator[str]:
    """Yield the text in pieces of bounded length, cut between words where there are any."""
    start = 0
    while len(text) - start > PIECE:
        end = _cut(text, start + PIECE)
        yield text[start:end]
        start = end
    yield text[start:]


def _cut(text: str, end: int) -> int:
    """Return the last place to cut before `end`, or `end` itself."""
    places = [found.start() for found in _place.finditer(text, end - _SEARCHED, end)]
    return places[-1] if places else end
