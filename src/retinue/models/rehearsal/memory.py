"""Memory: answers to questions about what the user said earlier, taken from there word for word."""

import re
from collections.abc import Iterator, Sequence

_LONGEST_QUESTION = 500  # characters; what is longer asks for more than a fact
_LONGEST_MESSAGE = 10_000  # characters of an earlier message that are searched

_ASKED_MINE = re.compile(
    r"\b(?:what|who|which|where|when|tell me|remember|know)\b[^.?!\n]{0,40}?\bmy\s+(?P<topic>[\w' -]{1,60}?)"
    r"(?:\s+(?:is|are|was|were|again|please))*\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_ASKED_THE = re.compile(
    r"\b(?:what|who|which)(?:'s| is| are| was| were)\s+the\s+(?P<topic>[\w' -]{1,60}?)"
    r"(?:\s+(?:again|please|(?:that )?I\b.{0,40}))?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_ASKED_WHERE = re.compile(r"\bwhere\s+do\s+I\s+(?P<verb>\w+)", re.IGNORECASE)
_ASKED_AGE = re.compile(r"\bhow\s+old\s+am\s+I\b", re.IGNORECASE)
_ASKED_SAID = re.compile(
    r"\bwhat\s+(?:did\s+I|was\s+my|have\s+I)\b[^?\n]{0,20}\b(?:say|said|ask|asked|write|wrote|tell|message|question)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\bfirst\b", re.IGNORECASE)

_VALUE = r"(?P<value>[^\n]{1,200}?)(?=[.!?;](?:\s|$)|,?\s+(?:and|but)\s+(?:my|I|the)\b|\n|$)"
_FACT = re.compile(rf"\b(?:my|the)\s+(?P<topic>[\w' -]{{1,60}}?)\s+(?:is|are|was|will be|=)\s+{_VALUE}", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:I am|I'm|I’m|[Cc]all me|[Tt]his is)\s+(?P<value>[A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)")
_PLACED = re.compile(r"\bI\s+(?P<verb>\w+)\s+(?P<value>(?:in|at|for|from|near)\s+[^.!?;,\n]{1,100})", re.IGNORECASE)
_AGED = re.compile(r"\bI(?:\s+am|'m|’m)\s+(?P<value>\d{1,3})\b(?!\s*%)", re.IGNORECASE)


def recall(question: str, earlier: Sequence[str]) -> str | None:
    """Return the answer to a question about the user's earlier messages; None where they have none."""
    if len(question) > _LONGEST_QUESTION:
        return None
    earlier = [text[:_LONGEST_MESSAGE] for text in earlier]
    if _ASKED_SAID.search(question):
        return _quoted(earlier[0] if _FIRST.search(question) else earlier[-1]) if earlier else None
    if _ASKED_AGE.search(question):
        age = _latest(_AGED, earlier)
        return f"You are {age}." if age else None
    if asked := _ASKED_WHERE.search(question):
        place = _placed(asked["verb"], earlier)
        return f"You {asked['verb'].lower()} {place}." if place else None
    if asked := _ASKED_MINE.search(question):
        topic = asked["topic"].strip()
        value = _fact(topic, earlier)
        return f"Your {topic} is {value}." if value else None
    asked = _ASKED_THE.search(question)
    value = _fact(asked["topic"].strip(), earlier) if asked else None
    return f"The {asked['topic'].strip()} is {value}." if asked and value else None


def not_told(question: str) -> str | None:
    """Return that nothing is known of what the question asks of its user; None where it asks no such thing."""
    asked = _ASKED_MINE.search(question) if len(question) <= _LONGEST_QUESTION else None
    return f"You have not told me your {asked['topic'].strip()}." if asked else None


def _fact(topic: str, earlier: Sequence[str]) -> str | None:
    """Return what was said of the topic last."""
    for text in reversed(earlier):
        found = [match["value"] for match in _FACT.finditer(text) if _alike(topic, match["topic"])]
        if found:
            return found[-1].strip()
        if topic.casefold() in ("name", "first name") and (name := _latest(_NAMED, [text])):
            return name
    return None


def _alike(asked: str, told: str) -> bool:
    """Whether one is the other, or ends in it: `colour` asks for `favourite colour` too."""
    a, b = asked.casefold().split(), told.casefold().split()
    return bool(a and b) and (a[-len(b) :] == b or b[-len(a) :] == a)


def _latest(pattern: re.Pattern[str], earlier: Sequence[str]) -> str | None:
    return next((match["value"] for text in reversed(earlier) for match in _reversed(pattern, text)), None)


def _reversed(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return reversed(list(pattern.finditer(text)))


def _placed(verb: str, earlier: Sequence[str]) -> str | None:
    for text in reversed(earlier):
        for match in _reversed(_PLACED, text):
            if match["verb"].casefold() == verb.casefold():
                return match["value"].strip()
    return None


def _quoted(text: str) -> str:
    return f"You wrote: “{text}”"
