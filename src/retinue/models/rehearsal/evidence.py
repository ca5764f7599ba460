"""Evidence: the sentences of passages, with the words that each of them and its surroundings have."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec import Struct

from retinue.models.rehearsal.passages import Passage
from retinue.models.rehearsal.sentences import is_heading, sentences
from retinue.models.rehearsal.words import stem

_BEFORE, _AFTER = 3, 1  # sentences around one that tell what it speaks of

_WORD = re.compile(r"[^\W\d_]+|\d+")


class Sentence(Struct, frozen=True, kw_only=True):
    """A sentence of a passage."""

    at: int
    """Its number among all."""
    passage: int
    text: str
    marker: str
    stems: frozenset[str]
    heading: bool
    """Whether it is one."""
    under: int | None
    """The number of the heading that it stands under."""


class Evidence:
    """All that was found, sentence by sentence."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._known: dict[str, str] = {}
        self._titles = [self._stems(passage.title) for passage in passages]
        self.sentences: list[Sentence] = []
        """In the order of the passages."""
        for number, passage in enumerate(passages):
            self.sentences.extend(self._read(number, passage, len(self.sentences)))
        self.counts = Counter(chain.from_iterable(sentence.stems for sentence in self.sentences))
        """In how many sentences each stem stands."""

    def around(self, sentence: Sentence) -> frozenset[str]:
        """Return the stems of what stands beside a sentence and above it."""
        beside = [*range(sentence.at - _BEFORE, sentence.at), *range(sentence.at + 1, sentence.at + 1 + _AFTER)]
        near = (self._in_passage(at, sentence.passage) for at in beside)
        heading = self.sentences[sentence.under].stems if sentence.under is not None else frozenset[str]()
        return self._titles[sentence.passage].union(heading, *(one.stems for one in near if one))

    def following(self, sentence: Sentence) -> str:
        """Return the next sentence of the same passage; empty after the last."""
        following = self._in_passage(sentence.at + 1, sentence.passage)
        return following.text if following else ""

    def rank(self, sentence: Sentence) -> float:
        """Return 1 for a sentence of the first passage, and less for those of the others."""
        return 1 - sentence.passage / len(self._titles)

    def beginnings(self) -> list[Sentence]:
        """Return the first sentence of each passage that is no heading."""
        first: dict[int, Sentence] = {}
        for sentence in self.sentences:
            if not sentence.heading:
                first.setdefault(sentence.passage, sentence)
        return list(first.values())

    def _read(self, number: int, passage: Passage, start: int) -> Iterator[Sentence]:
        under: int | None = None
        for at, text in enumerate(sentences(passage.text), start=start):
            heading = is_heading(text)
            yield Sentence(
                at=at,
                passage=number,
                text=text,
                marker=passage.marker,
                stems=self._stems(text),
                heading=heading,
                under=under,
            )
            under = at if heading else under

    def _in_passage(self, at: int, passage: int) -> Sentence | None:
        found = self.sentences[at] if 0 <= at < len(self.sentences) else None
        return found if found and found.passage == passage else None

    def _stems(self, text: str) -> frozenset[str]:
        known, found = self._known, set()
        for word in _WORD.findall(text):
            if (stemmed := known.get(word)) is None:
                stemmed = known[word] = stem(word)
            found.add(stemmed)
        return frozenset(found)
