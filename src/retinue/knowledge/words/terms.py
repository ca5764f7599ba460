"""The terms of a text: what is counted in documents and looked up for queries.

A term is 32 bits of hash, for the index needs to tell terms apart and never to spell them. With a million different
ones, about a hundred pairs share a hash: noise far below that of stemming.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from Stemmer import Stemmer

_STOP_WORDS = """
    a an and are as at be been but by can do does for from had has have how if in into is it its no not of on or
    such that the their then there these they this to was were what when where which who why will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
WORD_CHARACTERS = 64
"""A longer run is cut: it is no word, and would fill the cache."""
KNOWN_WORDS = 65_536  # some 15 MB

# What `\w` leaves out of words: accents that stand alone, and the vowel signs of Hebrew, Arabic and Indic scripts.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff"
_ASCII_WORD = re.compile(rf"\w{{1,{WORD_CHARACTERS}}}(?:[.']\w{{1,{WORD_CHARACTERS}}}){{0,8}}", re.ASCII)
_WORD = re.compile(rf"[\w{_MARKS}]{{1,{WORD_CHARACTERS}}}(?:[.'’][\w{_MARKS}]{{1,{WORD_CHARACTERS}}}){{0,8}}")
# Thai to Burmese, Khmer, kana, Han and Hangul: no spaces between words, or none that part stems from endings.
_UNSPACED = re.compile(r"[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINT = re.compile(r"[._]+")
_ACCENT = re.compile(r"[\u0300-\u036f]+")

_stemmer = Stemmer("english", 0)  # `_Known` keeps what it said


class _Known(dict[str, tuple[int, ...]]):
    """The terms of words that were met before; it starts anew when it is full."""

    def __missing__(self, word: str) -> tuple[int, ...]:
        if len(self) >= KNOWN_WORDS:
            self.clear()
        self[word] = terms = tuple(_hash(_stemmer.stemWord(form)) for form in _forms(word) if form not in STOP_WORDS)
        return terms


_known = _Known()


def terms_of(text: str) -> Mapping[int, int]:
    """Return how often each term occurs: words by their stems, names in code also by their parts."""
    if text.isascii():
        return _terms_of_words(_ASCII_WORD.findall(text))
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = text.replace("\u00ad", "")  # a soft hyphen
    counts = _terms_of_words(_WORD.findall(_UNSPACED.sub(" ", text)))
    for run in _UNSPACED.findall(text):
        for term in map(_hash, _bigrams(run)):
            counts[term] = counts.get(term, 0) + 1
    return counts


def _terms_of_words(words: Iterable[str]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for word, count in Counter(words).items():
        for term in _known[word]:
            counts[term] = counts.get(term, 0) + count
    return counts


def _forms(word: str) -> Iterator[str]:
    """Yield a word, and a compound's parts too: `Store.openFile` is also store, open file and openfile."""
    plain = _plain(word)
    yield plain
    names = [name for name in _JOINT.split(word) if name]
    if len(names) > 1:
        yield from map(_plain, names)
    for name in names:
        parts = _HUMP.split(name)
        if len(parts) > 1:
            yield from map(_plain, parts)


def _plain(word: str) -> str:
    """Return it in lower case, without accents and what it is quoted in."""
    word = word.lower().replace("’", "'").strip("'_.")
    return word if word.isascii() else _ACCENT.sub("", unicodedata.normalize("NFKD", word))


def _bigrams(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run)) if len(run) > 1 else iter(run)


def _hash(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))
