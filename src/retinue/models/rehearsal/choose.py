"""Choosing: which of the offered functions a text asks for."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from retinue.models.rehearsal import arithmetic
from retinue.models.rehearsal.functions import Function
from retinue.models.rehearsal.words import (
    RELATED,
    STOP_STEMS,
    WEAK_STEMS,
    name_stems,
    name_words,
    placed_stems,
    text_stems,
)

_ENOUGH = 2.0  # score from which a function is called without being told to
_OUTRIGHT = 10.0  # score of a function that the text calls by its own name
_SUM = 3.0  # score of a sum in the text for a function that takes one
_MOST_DESCRIBED = 3  # words of a description that count at most
_DESCRIBED_SHARE = 0.25  # of a description's words that must occur where the name says nothing
_SUM_WORDS = frozenset({"expression", "formula", "equation", "calculation", "code"})


class Match(Struct, frozen=True, kw_only=True):
    """How well a function fits a text."""

    function: Function
    score: float
    named: frozenset[str] = frozenset()
    """Stems of the function's name that the text has."""
    start: int = 0
    """Where in the text it is asked for, in characters."""


def choose(functions: Sequence[Function], text: str) -> list[Match]:
    """Return the functions that the text asks for, in the text's order; often none."""
    good = sorted((match for match in rank(functions, text) if match.score >= _ENOUGH), key=lambda match: -match.score)
    chosen: list[Match] = []
    for match in good:
        covered = frozenset[str]().union(*(other.named for other in chosen))
        if not chosen or match.score >= _OUTRIGHT or match.named - covered - WEAK_STEMS:
            chosen.append(match)
    return sorted(chosen, key=lambda match: match.start)


def rank(functions: Sequence[Function], text: str) -> list[Match]:
    """Return every function's match, in the order of the functions."""
    placed = placed_stems(text)
    names = frozenset(stem for function in functions for stem in name_stems(function.name))
    for stem in placed.keys() - names:
        for related in RELATED.get(stem, ()):
            placed.setdefault(related, placed[stem])
    has_sum = arithmetic.find(text) is not None
    return [_match(function, text, placed, has_sum=has_sum) for function in functions]


def _match(function: Function, text: str, placed: dict[str, int], *, has_sum: bool) -> Match:
    said = frozenset(placed)
    name = frozenset(name_stems(function.name)) - STOP_STEMS
    named = name & said
    described = frozenset(text_stems(function.description)) - STOP_STEMS - WEAK_STEMS
    parameters = _parameter_stems(function) - STOP_STEMS - WEAK_STEMS
    score = _name_score(name, named)
    score += _description_score(described, (described & said) - named, named=bool(named - WEAK_STEMS))
    score += min(len((parameters & said) - named - described), 2)
    if has_sum and any(_SUM_WORDS & set(name_words(parameter)) for parameter in function.properties):
        score += _SUM
    if len(function.name) > _MOST_DESCRIBED and function.name.casefold() in text.casefold() and "_" in function.name:
        score += _OUTRIGHT
    start = min((placed[stem] for stem in named - WEAK_STEMS or named), default=0)
    return Match(function=function, score=score, named=named, start=start)


def _name_score(name: frozenset[str], named: frozenset[str]) -> float:
    """Two for every word of the name that is said, if half of those that mean something are."""
    telling = name - WEAK_STEMS
    hits = telling & named
    if hits:
        return (2.0 if 2 * len(hits) >= len(telling) else 1.0) * len(hits) + 0.5 * len(named - hits)
    if telling or not named:
        return 0.5 * len(named)
    return 2.0 * len(named) if named == name else 1.0 * len(named)


def _description_score(described: frozenset[str], hits: frozenset[str], *, named: bool) -> float:
    if not named and len(hits) < _DESCRIBED_SHARE * len(described):
        return 0.0
    return min(len(hits), _MOST_DESCRIBED)


def _parameter_stems(function: Function) -> frozenset[str]:
    found = {stem for name in function.properties for stem in name_stems(name)}
    for schema in function.properties.values():
        found.update(stem for word in _enum_words(schema) for stem in name_stems(word))
    return frozenset(found)


def _enum_words(schema: Any) -> list[str]:
    values = schema.get("enum") if isinstance(schema, dict) else None
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
