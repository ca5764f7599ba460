"""Extraction: answers from passages of files, in their own sentences, each followed by its passage's marker."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.models.rehearsal.evidence import Evidence, Sentence
from retinue.models.rehearsal.passages import Passage
from retinue.models.rehearsal.questions import Question
from retinue.models.rehearsal.weights import Weights

_LONGEST_QUOTE = 400  # characters
_NEARBY = 0.45  # of what a word counts in the sentence itself
_KIND = 0.15  # for what looks like the answer to `when` and `how much`
_FIRST = 0.05  # for the best passage, as the search ranked them
_ENOUGH = 0.3  # share of the question that a sentence and what stands around it must meet
_SECOND_GAIN = 0.3  # share of the question that a second sentence must add
_SECOND = 0.6  # of the first one's score

_COUNTS = re.compile(
    r"\b(?:how\s+(?:much|many|long|old|far|high|big|large|often|deep|wide|tall|fast|late|early|soon)|cost|price|number|"
    r"phone|year|date|percent\w*|amount|rate)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\b(?:when|what\s+time|which\s+(?:day|month)|until|by\s+which|deadline)\b", re.IGNORECASE)
_WHO = re.compile(r"\bwho(?:m|se)?\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|"
    r"twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|dozen|half|twice|once)\b",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"\d|\b(?:[Mm]on|[Tt]ues|[Ww]ednes|[Tt]hurs|[Ff]ri|[Ss]atur|[Ss]un)day|\b[A-Z][a-z]+ber\b|midnight|noon"
)
_PERSON = re.compile(r"\b[A-ZÀ-Þ][\w'’-]+[ \t]+(?:[a-z]{2,3}[ \t]+)?[A-ZÀ-Þ][\w'’-]+")
_KINDS = ((_COUNTS, _NUMBER), (_WHEN, _DAY), (_WHO, _PERSON))
"""What is asked for, and what an answer to that must have."""

_MARKER = re.compile(r"【[^】\n]*】")
_BULLET = re.compile(r"^(?:[-*•+‣◦]\s+|\d{1,3}[.)]\s+|#{1,6}\s+|>\s+)+")


class _Scored(Struct, frozen=True, kw_only=True):
    sentence: Sentence
    met: dict[str, float]
    nearby: dict[str, float]
    """What only its surroundings meet."""
    fit: float
    """Share of the question that the sentence and what stands around it meet."""
    score: float


def extracted(asked: Sequence[Question], passages: Sequence[Passage]) -> str:
    """Return what the passages say to the questions, a sentence or two each; empty where they say nothing."""
    everything, said = Evidence(passages), dict[str, None]()
    for question in asked:
        named = _of_named_file(question, passages)
        evidence = Evidence(named) if named else everything
        weights = Weights(question, evidence)
        chosen = _best(question, weights, evidence) if weights else evidence.beginnings()[:2]
        said.update((_cited(sentence, evidence), None) for sentence in chosen)
    return " ".join(said)


def _of_named_file(question: Question, passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages of the file that the question names; none where it names none of theirs."""
    query = question.query.casefold()
    return [passage for passage in passages if passage.file.casefold() in query]


def _best(question: Question, weights: Weights, evidence: Evidence) -> list[Sentence]:
    """Return the sentence that answers best, and a second one where that adds to it."""
    met = ((sentence, weights.met(sentence.stems)) for sentence in evidence.sentences)
    scored = [_scored(question, weights, sentence, own, evidence) for sentence, own in met if own]
    fitting = sorted((one for one in scored if one.fit >= _ENOUGH), key=lambda one: -one.score)
    if not fitting:
        return []
    best = fitting[0]
    second = next((one for one in fitting[1:] if _adds(one, best, weights)), None)
    return [one.sentence for one in (best, second) if one]


def _scored(
    question: Question, weights: Weights, sentence: Sentence, met: dict[str, float], evidence: Evidence
) -> _Scored:
    around = weights.met(evidence.around(sentence))
    nearby = {word: part for word, part in around.items() if word not in met}
    fit = weights.share(met) + _NEARBY * weights.share(nearby)
    score = fit + _KIND * _is_of_kind(question.text, sentence.text) + _FIRST * evidence.rank(sentence)
    return _Scored(sentence=sentence, met=met, nearby=nearby, fit=fit, score=score / 2 if sentence.heading else score)


def _adds(second: _Scored, best: _Scored, weights: Weights) -> bool:
    gained = {word: part for word, part in second.met.items() if word not in best.met and word not in best.nearby}
    return second.score >= _SECOND * best.score and weights.share(gained) >= _SECOND_GAIN


def _is_of_kind(question: str, sentence: str) -> bool:
    return any(asked.search(question) and wanted.search(sentence) for asked, wanted in _KINDS)


def _cited(sentence: Sentence, evidence: Evidence) -> str:
    """Return the sentence as it is quoted; a question or a heading with what follows it."""
    text, following = sentence.text, evidence.following(sentence)
    if following and sentence.heading:
        text = f"{text} {following}"
    elif following and text.endswith("?"):
        text = following
    text = _BULLET.sub("", " ".join(_MARKER.sub("", text).split()))
    return (text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…") + sentence.marker
