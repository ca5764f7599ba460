"""The terms of a text: what is counted in documents and looked up for queries.

A term is 32 bits of hash, for an index needs to tell terms apart and never to spell them. Of a million different ones,
about a hundred pairs share a hash: noise far below that of stemming.
"""

import re
import string
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from Stemmer import Stemmer

_STOP_WORDS = """
    a an and are as at be been but by can do does for from had has have how if in into is it its no not of on or
    such that the their then there these they this to was were what when where which who why will with
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
WORD_CHARACTERS = 64
"""A longer run is no word, and is cut."""
KNOWN_WORDS = 65_536  # some 15 MB

_JOINTS = "_.'"
"""What may stand inside a word."""
_INSIDE = set((string.ascii_letters + string.digits + _JOINTS).encode())
_SPACED = bytes(byte if byte in _INSIDE else ord(" ") for byte in range(256))
# `\w` lacks accents that stand alone, and the vowel signs of Hebrew, Arabic and Indic scripts.
_MARKS = r"\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"[\w{_MARKS}{_JOINTS}]+")
# Thai to Burmese, Khmer, kana, Han and Hangul: no spaces between words, or none that part stems from endings.
_UNSPACED = re.compile(r"[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NAMES = re.compile(r"[._]+")
_ACCENTS = re.compile(r"[\u0300-\u036f]+")

_stemmer = Stemmer("english", 0)  # `_Known` keeps what it said


class _Known(dict[str, Sequence[int]]):
    """The terms of words that were met before; it starts anew when it is full."""

    def __missing__(self, word: str) -> Sequence[int]:
        if len(word) > WORD_CHARACTERS:
            pieces = (word[start : start + WORD_CHARACTERS] for start in range(0, len(word), WORD_CHARACTERS))
            return [term for piece in pieces for term in self[piece]]
        if len(self) >= KNOWN_WORDS:
            self.clear()
        self[word] = terms = tuple(_hash(_stemmer.stemWord(form)) for form in _forms(word) if form not in STOP_WORDS)
        return terms


_known = _Known()


def terms_of(text: str) -> Mapping[int, int]:
    """Return how often each term occurs: words by their stems, names in code also by their parts."""
    return Counter(run_of(text))


def run_of(text: str) -> list[int]:
    """Return the terms of a text, each as often as it occurs."""
    if text.isascii():
        return _terms(text.encode().translate(_SPACED).decode().split())
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    text = text.replace("\u00ad", "").replace("’", "'")  # a soft hyphen says nothing
    unspaced = _UNSPACED.findall(text)
    run = _terms(_WORD.findall(_UNSPACED.sub(" ", text) if unspaced else text))
    run.extend(map(_hash, chain.from_iterable(map(_bigrams, unspaced))))
    return run


def _terms(words: Sequence[str]) -> list[int]:
    return list(chain.from_iterable(map(_known.__getitem__, words)))


def _forms(word: str) -> Iterable[str]:
    """Return a word, and a compound's parts too: `Store.openFile` is also store, openfile, open and file."""
    word = word.strip(_JOINTS)
    names = [word, *word.split("."), *_NAMES.split(word)]
    parts = [part for name in names[1:] for part in _HUMP.split(name)]
    stem_of_elided = [part for part in word.split("'")[1:] if len(part) > 2]  # l'avion
    return dict.fromkeys(_plain(form) for form in (*names, *parts, *stem_of_elided) if form)


def _plain(word: str) -> str:
    """Return it in lower case and without accents."""
    word = word.lower()
    return word if word.isascii() else _ACCENTS.sub("", unicodedata.normalize("NFKD", word))


def _bigrams(run: str) -> Iterator[str]:
    return (first + second for first, second in pairwise(run)) if len(run) > 1 else iter(run)


def _hash(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))
