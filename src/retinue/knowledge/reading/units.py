"""Text in units that are not cut, each with its tokens: short lines as they are, longer ones word by word."""

import re
from bisect import bisect_left
from io import StringIO

from msgspec import Struct

from retinue.models.tokens.encodings import Encoding

_LONGEST = 48  # characters of a word that are counted as one; what is longer is no word, and may be a megabyte
_KNOWN = 131_072  # words whose tokens are remembered, twice: some 30 MB
_CHARACTERS = 8  # per token, of a line that is tried as a whole
_RUN = 80  # spaces that are one token
_MOST_OF_A_CHARACTER = 4  # tokens

# Where the encoding begins a token anew whatever comes before, so that the tokens of words add up to the text's. A
# line's end goes with the word before it, the space between two words with the word after it.
_WORD = re.compile(rf"\s{{0,16}}+\S{{1,{_LONGEST}}}+(?:\s{{0,16}}[\r\n])?|\s{{1,64}}+")


class Units(Struct):
    """The units of a text: joined, they are the text."""

    texts: list[str] = []
    tokens: list[int] = []
    """Of each, and no fewer than the encoding finds."""
    torn: list[int] = []
    """Which of them may be part of a longer word."""

    def is_torn(self, begin: int, end: int) -> bool:
        """Whether parts of one word are among these: together they may have more tokens than one by one."""
        return bisect_left(self.torn, begin) < bisect_left(self.torn, end)


class Vocabulary:
    """The tokens of words, remembered from one file to the next."""

    def __init__(self, encoding: Encoding) -> None:
        self.tokens = _Known(encoding, before="")
        self.tokens_after_space = _Known(encoding, before=" ")
        self.encode = encoding.encode_ordinary


class Measure:
    """Takes texts apart into units of at most so many tokens."""

    def __init__(self, vocabulary: Vocabulary, *, most: int) -> None:
        self._most = most
        self._part = max(1, most // _MOST_OF_A_CHARACTER)
        self._tokens = vocabulary.tokens
        self._tokens_after_space = vocabulary.tokens_after_space

    def units_of(self, text: str) -> Units:
        """Return a text's units."""
        units = Units()
        longest = _CHARACTERS * self._most
        for line in StringIO(text, newline="\n"):  # `splitlines` ends lines where the encoding does not
            if len(line) <= longest and (tokens := self._tokens_of(line)) <= self._most:
                units.texts.append(line)
                units.tokens.append(tokens)
            else:
                self._add_words(units, line)
        return units

    def _tokens_of(self, line: str) -> int:
        body = line.lstrip(" ")
        words = body.split(" ")
        tokens = sum(map(self._tokens_after_space.__getitem__, words))
        if indent := len(line) - len(body):
            return tokens + (indent > 1) + indent // _RUN
        return tokens - self._tokens_after_space[words[0]] + self._tokens[words[0]]

    def _add_words(self, units: Units, line: str) -> None:
        words: list[str] = _WORD.findall(line)
        if max(map(self._tokens.__getitem__, words)) > self._most:
            words = [part for word in words for part in self._parts(word)]
        first = len(units.texts)
        units.texts += words
        units.tokens += map(self._tokens.__getitem__, words)
        shortest = min(_LONGEST, self._part)
        if max(map(len, words)) >= shortest:
            units.torn += [first + place for place, word in enumerate(words) if len(word) >= shortest]

    def _parts(self, word: str) -> list[str]:
        if self._tokens[word] <= self._most:
            return [word]
        return [word[start : start + self._part] for start in range(0, len(word), self._part)]


class _Known(dict[str, int]):
    """The tokens of words; it starts anew when it is full."""

    def __init__(self, encoding: Encoding, *, before: str) -> None:
        self._encode = encoding.encode_ordinary
        self._before = before

    def __missing__(self, word: str) -> int:
        if len(self) >= _KNOWN:
            self.clear()
        self[word] = tokens = len(self._encode(self._before + word))
        return tokens
