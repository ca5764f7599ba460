"""Words: texts and names cut up so that they can be compared."""

import re
from collections.abc import Iterable

_TEXT_WORD = re.compile(r"[^\W\d_]+|\d+")
_NAME_WORD = re.compile(r"[A-Z]+(?![a-z])|[^\W\d_A-Z]+|[A-Z][^\W\d_A-Z]*|\d+")
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("s", ""))
_SHORTEST_STEM = 3  # characters

# Different words for one thing, where requests and function names often differ. By stem.
_SAME = {
    "mail": "email",
    "degre": "temperatur",
    "warm": "temperatur",
    "hot": "temperatur",
    "cold": "temperatur",
    "raini": "rain",
    "chanc": "probability",
    "likelihood": "probability",
    "cost": "pric",
    "lookup": "search",
    "calculator": "calculat",
    "comput": "calculat",
}


RELATED = {
    "weather": ("temperatur", "forecast"),
    "temperatur": ("weather", "forecast"),
    "forecast": ("weather",),
    "rain": ("weather", "forecast"),
}
"""What a word is likely to mean where no function bears its name. By stem."""


def stem(word: str) -> str:
    """Return what is left of a word without its case and its ending: enough to compare, no linguistics."""
    word = word.casefold()
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM and not word.endswith("ss"):
            word = word[: -len(ending)] + instead
            break
    if len(word) > _SHORTEST_STEM and word.endswith("e"):
        word = word[:-1]
    return _SAME.get(word, word)


def text_stems(text: str) -> list[str]:
    """Return the stems of a text's words, in order."""
    return [stem(word) for word in _TEXT_WORD.findall(text)]


def placed_stems(text: str) -> dict[str, int]:
    """Return the stems of a text's words, each with the character where it first stands."""
    placed: dict[str, int] = {}
    for word in _TEXT_WORD.finditer(text):
        placed.setdefault(stem(word[0]), word.start())
    return placed


def name_words(name: str) -> list[str]:
    """Return the words of an identifier in snake, kebab or camel case, in lower case."""
    return [word.lower() for word in _NAME_WORD.findall(name)]


def name_stems(name: str) -> list[str]:
    """Return the stems of the words of an identifier."""
    return [stem(word) for word in name_words(name)]


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list that is written with spaces between them."""
    return frozenset(words.split())


def stems(words: Iterable[str]) -> frozenset[str]:
    """Return the stems of these words as a set."""
    return frozenset(stem(word) for word in words)


STOP_WORDS = word_set(
    "a an and any are as at be but by can could do does for from give had has have he her him his how i if in into is "
    "it its let like ll m me much my need no not of on one or our out please put re s she should so some t tell than "
    "that the their them then there these they this those to too up us use using via want was we were what when where "
    "which who whom whose why will with would you your also both each between about there today now ask"
)
"""Words that say nothing about what is meant, in lower case."""

STOP_STEMS = stems(STOP_WORDS)

WEAK_STEMS = stems(
    word_set(
        "get set fetch retrieve show display list make do run call tool function api current new user name id "
        "data info information detail value item type kind text number string object result given return "
        "provide specific write send create add update delete remove search find look read open check book "
        "query message handle process perform execute request response input output file answer question "
        "example eg optional format "
    )
)
"""Stems that many functions share, so that one of them alone decides nothing."""
