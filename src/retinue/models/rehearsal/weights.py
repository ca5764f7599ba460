"""Weights: how much each word of a question tells among the passages that were found for it."""

import math
import re

from retinue.models.rehearsal.evidence import Evidence
from retinue.models.rehearsal.questions import Question, telling_stems

_ROOT = 6  # characters that `cancel` and `cancellation` share
_ROOT_SHARE = 0.6
_NAMED = 2.0  # times what another word weighs: a name or a number
_BEFORE = 0.5  # of its weight: a word of what was said before the question
_NOWHERE = 0.5  # of its weight: a word that no sentence has, and which may be another for one that they have
_MEASURE = 0.5  # of its weight: `long` of `how long`, which an answer in months need not say

_NAME = re.compile(r"(?<=[^\W_])[\s,]+[\"“'‘]?([A-ZÀ-Þ][\w'’-]*)|(\d+)|[\"“]([^\"”]+)[\"”]")
_HOW = re.compile(r"\bhow\s+(\w+)", re.IGNORECASE)
_OPENER = re.compile(r"^\W*\w+")


class Weights:
    """The words of one question. The fewer sentences one stands in, the more it tells."""

    def __init__(self, question: Question, evidence: Evidence) -> None:
        own, names = set(telling_stems(question.text)), _names(question.text)
        measures = set(telling_stems(" ".join(_HOW.findall(question.text))))

        def weight(word: str) -> float:
            count = evidence.counts[word]
            rare = math.log(1 + len(evidence.sentences) / (count + 0.5))
            told = _NAMED if word in names else _MEASURE if word in measures else 1.0 if count else _NOWHERE
            return rare * told * (1.0 if word in own else _BEFORE)

        self._weights = {word: weight(word) for word in telling_stems(f"{question.text} {question.about}")}
        self._roots = {word: word[:_ROOT] for word in self._weights if len(word) >= _ROOT}
        self._total = sum(self._weights.values())

    def __bool__(self) -> bool:
        return self._total > 0

    def met(self, stems: frozenset[str]) -> dict[str, float]:
        """Return which words these stems meet, and how well: in full, or by a root that they share."""
        met = {word: 1.0 for word in self._weights if word in stems}
        roots = {word: root for word, root in self._roots.items() if word not in met}
        if roots:
            there = {stem[:_ROOT] for stem in stems}
            met.update((word, _ROOT_SHARE) for word, root in roots.items() if root in there)
        return met

    def share(self, met: dict[str, float]) -> float:
        """Return how much of the question these words are: 1 for all of it."""
        return sum(self._weights[word] * part for word, part in met.items()) / self._total


def _names(text: str) -> frozenset[str]:
    """Return the stems of names, numbers and what stands in quotes; the first word bears a capital anyway."""
    found = _NAME.findall(_OPENER.sub("a", text))
    return frozenset(telling_stems(" ".join("".join(groups) for groups in found)))
