"""Quotes: which words of a passage support what was said. Nothing is understood here, words are counted."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from math import log

SAID = 300
"""Characters before a citation that are looked at."""
_LONGEST = 300  # characters of a quote
_READ = 50_000  # characters of a passage that are looked at
_SENTENCES = 3  # of a quote
_PRICE = 0.8  # of one more sentence: about the weight of a word that half of the sentences have
_STEM = 6  # letters of a word that count: "expires" is "expired"
_FEW = 4  # words of a sentence that says too little to go by

# A line that goes on in small letters was only wrapped, as those of a page are.
_BREAK = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+|\n(?![ \t]*[a-zß-ÿ])")
_WORD = re.compile(r"\w+")

Span = tuple[int, int]


def quote_of(passage: str, said: str) -> tuple[str, int]:
    """Return the sentences of a passage that share the most words with what was said, and where they begin."""
    spans = list(_sentences(passage[:_READ]))
    if not spans:
        return "", 0
    words = [frozenset(_words(passage[start:end])) for start, end in spans]
    start, end = _best(spans, words, _claim(said))
    return " ".join(passage[start:end].split()), start


def _best(spans: Sequence[Span], words: Sequence[frozenset[str]], claim: frozenset[str]) -> Span:
    """The stretch that shares most with the claim; the first of them, and the shortest, where several do."""
    found = Counter(word for sentence in words for word in sentence & claim)
    weights = {word: log(1 + len(spans) / count) for word, count in found.items()}
    best, most = spans[0], 0.0
    for first in range(len(spans)):
        shared: frozenset[str] = frozenset()
        for last in range(first, min(first + _SENTENCES, len(spans))):
            shared |= words[last] & claim
            score = sum(weights[word] for word in sorted(shared)) - _PRICE * (last - first)
            if spans[last][1] - spans[first][0] <= _LONGEST and score > most + 1e-9:
                best, most = (spans[first][0], spans[last][1]), score
    return best


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
