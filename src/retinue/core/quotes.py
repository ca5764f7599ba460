"""Quotes: which words of a passage support what was said. Nothing is understood here, words are counted."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from math import log

SAID = 300
"""Characters before a citation that are looked at."""
_LONGEST = 300  # characters of a quote
_READ = 17_000  # characters of a passage that are looked at: more than a chunk has
_PIECES = 1_000  # into which a passage is taken apart, about: beyond that, short sentences are joined
_LOOKED_AT = 40  # sentences from which a quote may begin, those with the rarest words
_RAREST = 20  # words of a claim that count
_SENTENCES = 3  # of a quote
_UNIT = 1_000
_PRICE = 800  # of one more sentence: about the weight of a word that half of the sentences have
_STEM = 6  # letters of a word that count: "expires" is "expired"
_FEW = 4  # words of a sentence that says too little to go by

# A line that goes on in small letters was only wrapped, as those of a page are.
_BREAK = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+|\n+(?![ \t]*[a-zß-ÿ])")
_WORD = re.compile(r"\w+")

Span = tuple[int, int]


def quote_of(passage: str, said: str) -> tuple[str, int]:
    """Return the sentences of a passage that share the most words with what was said, and where they begin."""
    return Quotable(passage).quote(said)


class Quotable:
    """A passage, taken apart once for all that may be quoted of it.

    That takes as long as the passage is; a quote takes a bounded time, whatever the passage and the claim are.
    """

    def __init__(self, passage: str) -> None:
        self._passage = passage[:_READ]
        self._spans = list(_sentences(self._passage, shortest=len(self._passage) // _PIECES)) or [(0, 0)]
        self._words = [frozenset(_words(passage[start:end])) for start, end in self._spans]
        self._places: defaultdict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(self._words):
            for word in words:
                self._places[word].append(place)

    def quote(self, said: str) -> tuple[str, int]:
        """Return the sentences that share the most words with what was said, and where they begin."""
        start, end = self._best(self._rarest(_claim(said)))
        return " ".join(self._passage[start:end].split()), start

    def _rarest(self, claim: frozenset[str]) -> dict[str, int]:
        """Return what the words of a claim weigh, the rarest first: whole numbers, which add up in any order."""
        known = sorted(claim & self._places.keys(), key=lambda word: (len(self._places[word]), word))[:_RAREST]
        return {word: round(_UNIT * log(1 + len(self._spans) / len(self._places[word]))) for word in known}

    def _best(self, weights: Mapping[str, int]) -> Span:
        """The stretch that shares most with the claim: the first of them, and the shortest, where several do."""
        best, most = self._spans[0], 0
        for first in self._beginnings(weights):
            words: set[str] = set()
            score = _PRICE
            for last in range(first, min(first + _SENTENCES, len(self._spans))):
                if self._spans[last][1] - self._spans[first][0] > _LONGEST:
                    break
                new = [word for word in weights if word in self._words[last] and word not in words]
                if not new and last == first:
                    break
                words.update(new)
                score += sum(map(weights.__getitem__, new)) - _PRICE
                if score > most:
                    best, most = (self._spans[first][0], self._spans[last][1]), score
        return best

    def _beginnings(self, rarest: Iterable[str]) -> list[int]:
        """Return sentences with such words, and those before them: a quote may begin with a word that is common."""
        found: set[int] = set()
        for word in rarest:
            found.update(self._places[word][: _LOOKED_AT - len(found)])
            if len(found) >= _LOOKED_AT:
                break
        return sorted({place for last in found for place in range(max(0, last - _SENTENCES + 1), last + 1)})


def _claim(said: str) -> frozenset[str]:
    """The words of the last sentence, or of all that was said where that has few."""
    sentences = [said[start:end] for start, end in _sentences(said)]
    last = frozenset(_words(sentences[-1])) if sentences else frozenset()
    return last if len(last) >= _FEW else frozenset(_words(said))


def _sentences(text: str, *, shortest: int = 0) -> Iterator[Span]:
    """Yield where sentences are, those too long for a quote in pieces, those too short joined with the next."""
    start = 0
    for end, after in [*(match.span() for match in _BREAK.finditer(text)), (len(text), len(text))]:
        while start < end and text[start].isspace():
            start += 1
        if end - start < shortest and end < len(text):
            continue
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST) + 1 or start + _LONGEST
            yield start, cut
            start = cut
        if start < end:
            yield start, end
        start = after


def _words(text: str) -> Iterator[str]:
    return (word.casefold()[:_STEM] for word in _WORD.findall(text))
