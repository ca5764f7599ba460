"""Writing: a text shortened to its first sentences, an outline expanded into a draft."""

import math
import re

from retinue.models.rehearsal.conversation import Conversation

_SHARE = 3  # a third of the sentences is kept
_MOST_SENTENCES = 3
_MOST_POINTS = 100  # of an outline
_MOST_WORDS = 25  # of a text that is one sentence

_SHORTEN = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|now)[\s,]+)*(?:shorten|summari[sz]e|sum\s+up|condense|abridge|"
    r"tl;?dr|make\s+(?:this|it|that|the\s+\w+)\s+shorter|give\s+(?:me\s+)?an?\s+(?:short\s+)?summary)\b",
    re.IGNORECASE,
)
_EXPAND = re.compile(
    r"^\W*(?:(?:please|can you|could you|would you|now)[\s,]+)*(?:expand|flesh\s+out|elaborate|draft|"
    r"write\s+(?:out|up|a\s+draft)|turn\s+.{1,60}\binto\s+an?\s+(?:draft|text|article))\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"\b(one|two|three|four|five|\d{1,2})\s+(?:short\s+)?sentences?\b", re.IGNORECASE)
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_END = re.compile(r"(?<=[.!?])[\"”')]*\s+|\n+")
_POINT = re.compile(r"^[ \t]*(?:[-*•]|\d{1,3}[.)])[ \t]+(.+)$", re.MULTILINE)


def shorten(conversation: Conversation) -> str | None:
    """Return the first sentences of the text that the user wants shortened; None if that is not the wish."""
    if not _SHORTEN.match(conversation.user):
        return None
    text = _material(conversation.user) or conversation.previous
    sentences = [sentence.strip() for sentence in _END.split(text) if sentence.strip()]
    if not sentences:
        return "There is no text here to shorten. Put it behind a colon, or on the next lines."
    count = _wanted(conversation.user) or min(math.ceil(len(sentences) / _SHARE), _MOST_SENTENCES)
    if len(sentences) == 1 and len(words := sentences[0].split()) > _MOST_WORDS:
        return " ".join(words[:_MOST_WORDS]) + " …"
    return " ".join(sentences[:count])


def draft(conversation: Conversation) -> str | None:
    """Return a draft with a paragraph for each point of the user's outline; None if that is not the wish."""
    if not _EXPAND.match(conversation.user):
        return None
    points = _points(conversation.user) or _points(conversation.previous)
    if not points:
        return None
    return "\n\n".join(f"## {point}\n\n{_paragraph(point)}" for point in points[:_MOST_POINTS])


def _material(request: str) -> str:
    """Return what follows the request itself: the text behind its first colon or line."""
    ends = [at for at in (request.find(":"), request.find("\n")) if at >= 0]
    return request[min(ends) + 1 :].strip() if ends else ""


def _wanted(request: str) -> int | None:
    found = _SENTENCES.search(request)
    return (_NUMBERS.get(found[1].lower()) or int(found[1])) if found else None


def _points(text: str) -> list[str]:
    listed: list[str] = _POINT.findall(text)
    if not listed:
        listed = re.split(r"[,;\n]", _material(text))
    return [point for item in listed if (point := item.strip().rstrip("."))]


def _paragraph(point: str) -> str:
    return (
        f"This part is about {point}. It says what is meant by it, why it matters here, and what follows from it. "
        "A language model, or you, would put the facts in."
    )
