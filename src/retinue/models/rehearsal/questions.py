"""Questions: what a message asks, one thing at a time, and what each of them refers back to."""

import re
from collections.abc import Iterator

from msgspec import Struct

from retinue.models.rehearsal.conversation import Conversation
from retinue.models.rehearsal.words import STOP_STEMS, stems, text_stems, word_set

_LONGEST = 8_000  # characters that are looked at
_LONGEST_QUESTION = 400  # characters
_MOST = 5

_OPENERS = (
    r"what|when|where|who|whom|whose|which|why|how|is|are|was|were|does|do|did|can|could|may|must|will|would|should|"
    r"has|have|tell|find|look|search|list|name|explain|describe|show|give|cite|quote|summari[sz]e|compare"
)
_ASKS = re.compile(rf"\W*(?:(?:and|so|ok|okay|but|now|please|also|then)[\s,]+)*(?:{_OPENERS})\b", re.IGNORECASE)
_NEXT = re.compile(rf",?\s+and\s+(?:also\s+|then\s+)?(?=(?:{_OPENERS})\b)", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[?!.])\s+|\n+")
_BACK = re.compile(r"\b(?:it|its|they|them|their|he|him|his|she|her)\b|^\W*(?:and|what|how)\s+about\b", re.IGNORECASE)
_OF_FILES = re.compile(
    r"\b(?:files?|documents?|docs?|pdfs?|handbooks?|manuals?|uploads?|uploaded|attached|attachments?|passages?)\b"
    r"|\w\.(?:pdf|docx|pptx|xlsx|html?|md|txt|csv|json|tex|py)\b",
    re.IGNORECASE,
)
_OF_WHICH_SORT = re.compile(r"\b(?:what|which)\s+(?:day|time|month|year|date)s?\b", re.IGNORECASE)
_VAGUE = stems(
    word_set(
        "file document doc pdf handbook manual upload uploaded attached attachment passage say says said tell find "
        "look search list name explain describe show give cite quote summarise summarize summary compare please "
        "know thing something anything everything much many question answer about content contain"
    )
)


class Question(Struct, frozen=True, kw_only=True):
    """One thing that is asked."""

    text: str
    about: str = ""
    """What was said before, where the question rests on it: `and how much is it?`"""

    @property
    def query(self) -> str:
        """What to search for."""
        return f"{self.about} {self.text}".strip()[-_LONGEST_QUESTION:]


def questions(conversation: Conversation) -> list[Question]:
    """Return what the last user message asks, at most five things; all of the message where it asks but one."""
    text = conversation.user[:_LONGEST]
    asked = [part for sentence in _SENTENCE.split(text) if _asks(sentence) for part in _parts(sentence)]
    whole = " ".join(text.split())
    if len(asked) < 2 and (not asked or len(whole) <= _LONGEST_QUESTION):
        asked = [whole]
    before = conversation.earlier[-1] if conversation.earlier else ""
    return list(_related(asked[:_MOST], " ".join(before[:_LONGEST_QUESTION].split())))


def is_question(text: str) -> bool:
    """Whether a text asks for something."""
    return _asks(text) or any(_asks(sentence) for sentence in _SENTENCE.split(text[:_LONGEST]))


def speaks_of_files(text: str) -> bool:
    """Whether a text names files, or one of them."""
    return _OF_FILES.search(text[:_LONGEST]) is not None


def telling_stems(text: str) -> list[str]:
    """Return the stems of those words that say what is asked for, in order, each once."""
    said = text_stems(_OF_WHICH_SORT.sub(" ", text))
    return [stem for stem in dict.fromkeys(said) if stem not in STOP_STEMS and stem not in _VAGUE]


def _asks(sentence: str) -> bool:
    return "?" in sentence or _ASKS.match(sentence) is not None


def _parts(sentence: str) -> list[str]:
    """Split `when does it open and how much is it?`; what says nothing by itself stays with what comes before."""
    parts: list[str] = []
    for part in _NEXT.split(" ".join(sentence.split())):
        if parts and not telling_stems(part):
            parts[-1] += f" and {part}"
        else:
            parts.append(part)
    return parts


def _related(asked: list[str], before: str) -> Iterator[Question]:
    for text in asked:
        rests = _BACK.search(text) is not None or not telling_stems(text)
        yield Question(text=text[:_LONGEST_QUESTION], about=before if rests else "")
        before = text
