"""Quotes: which words of a passage support what was said. Nothing is understood here, words are counted."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from math import log

SAID = 300
"""Characters before a citation that are looked at."""
_LONGEST = 300  # characters of a quote
_READ = 50_000  # characters of a passage that are looked at
_SENTENCES = 3  # of a quote
_UNIT = 1_000
_PRICE = 800  # of one more sentence: about the weight of a word that half of the sentences have
_STEM = 6  # letters of a word that count: "expires" is "expired"
_FEW = 4  # words of a sentence that says too little to go by

# A line that goes on in small letters was only wrapped, as those of a page are.
_BREAK = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+|\n(?![ \t]*[a-zß-ÿ])")
_WORD = re.compile(r"\w+")

Span = tuple[int, int]


def quote_of(passage: str, said: str) -> tuple[str, int]:
    """Return the sentences of a passage that share the most words with what was said, and where they begin."""
    return Quotable(passage).quote(said)


class Quotable:
    """A passage, taken apart once for all that may be quoted of it."""

    def __init__(self, passage: str) -> None:
        self._passage = passage[:_READ]
        self._spans = list(_sentences(self._passage)) or [(0, 0)]
        self._words = [frozenset(_words(passage[start:end])) for start, end in self._spans]

    def quote(self, said: str) -> tuple[str, int]:
        """Return the sentences that share the most words with what was said, and where they begin."""
        start, end = self._best(_claim(said))
        return " ".join(self._passage[start:end].split()), start

    def _best(self, claim: frozenset[str]) -> Span:
        """The stretch that shares most with the claim: the first of them, and the shortest, where several do."""
        shared = [words & claim for words in self._words]
        weights = self._weights(shared)
        best, most = self._spans[0], 0
        for first, words in enumerate(shared):
            score = _PRICE if words else 0
            for last in range(first, min(first + _SENTENCES, len(shared)) if words else first):
                if self._spans[last][1] - self._spans[first][0] > _LONGEST:
                    break
                new = words if last == first else shared[last] - words
                words |= new
                score += sum(weights[word] for word in new) - _PRICE
                if score > most:
                    best, most = (self._spans[first][0], self._spans[last][1]), score
        return best

    def _weights(self, shared: Sequence[frozenset[str]]) -> dict[str, int]:
        """What each word counts: the more, the fewer sentences have it. Whole numbers, which add up in any order."""
        found = Counter(chain.from_iterable(shared))
        return {word: round(_UNIT * log(1 + len(shared) / count)) for word, count in found.items()}


def _claim(said: str) -> frozenset[str]:
    """The words of the last sentence, or of all that was said where that has few."""
    sentences = [said[start:end] for start, end in _sentences(said)]
    last = frozenset(_words(sentences[-1])) if sentences else frozenset()
    return last if len(last) >= _FEW else frozenset(_words(said))


def _sentences(text: str) -> Iterator[Span]:
    """Yield where sentences are, those too long for a quote in pieces."""
    start = 0
    for end, after in [*(match.span() for match in _BREAK.finditer(text)), (len(text), len(text))]:
        while start < end and text[start].isspace():
            start += 1
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST) + 1 or start + _LONGEST
            yield start, cut
            start = cut
        if start < end:
            yield start, end
        start = after


def _words(text: str) -> Iterator[str]:
    return (word.casefold()[:_STEM] for word in _WORD.findall(text))
