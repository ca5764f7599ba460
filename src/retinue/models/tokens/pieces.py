"""Long texts in pieces that are counted one after another.

tiktoken's time grows faster than a run of characters without a word's end, and a run of a million spaces overflows
its stack (0.14). A piece takes some 15 ms at most, whatever stands in it.
"""

import re
from collections.abc import Iterator

_LONGEST = 32_768  # characters
_SEARCHED = 2_048  # characters before a piece's end in which a place to cut is looked for

# Every encoding begins a token at a space between two words: the counts of the pieces add up to the text's.
_place = re.compile(r"(?<=\S) (?=\S)")


def pieces_of(text: str, *, longest: int = _LONGEST) -> Iterator[str]:
    """Yield the text in pieces of at most `longest` characters, cut between words where there are any."""
    start = 0
    while len(text) - start > longest:
        end = start + longest
        places = [place.start() for place in _place.finditer(text, max(start + 1, end - _SEARCHED), end)]
        end = places[-1] if places else end
        yield text[start:end]
        start = end
    yield text[start:]
