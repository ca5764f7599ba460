"""Answers in plain text: the first rule that has something to say, else what this model is."""

import re
from collections.abc import Callable, Sequence

from retinue.models.rehearsal import arithmetic
from retinue.models.rehearsal.coding.plan import told_runs
from retinue.models.rehearsal.conversation import Conversation
from retinue.models.rehearsal.extraction import extracted
from retinue.models.rehearsal.functions import runs_code, searches_files
from retinue.models.rehearsal.memory import not_told, recall
from retinue.models.rehearsal.outputs import told
from retinue.models.rehearsal.passages import Search, search_in
from retinue.models.rehearsal.questions import questions
from retinue.models.rehearsal.writing import draft, shorten

_LONGEST_QUOTE = 2_000  # characters

_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|howdy|greetings|good\s+(?:morning|afternoon|evening|day))\b(?:[\s,]+\w+){0,2}\W*$",
    re.IGNORECASE,
)
_THANKS = re.compile(r"^\W*(?:thanks|thank\s+you|many\s+thanks|cheers)\b(?:[\s,]+\w+){0,4}\W*$", re.IGNORECASE)


def answer(conversation: Conversation) -> str:
    """Return an answer to the last user message, from the tools' outputs where there are any."""
    if conversation.outputs:
        return _from_outputs(conversation)
    return of_itself(conversation) or _not_told(conversation) or _introduction(conversation)


def of_itself(conversation: Conversation) -> str:
    """Return the answer that needs neither tools nor files; empty where the model has none."""
    return next((text for rule in _RULES if (text := rule(conversation))), "")


def _greeting(conversation: Conversation) -> str | None:
    if _GREETING.match(conversation.user):
        return "Hello! This is the rehearsal model. What shall we try?"
    if _THANKS.match(conversation.user):
        return "You are welcome!"
    return None


def _reckoning(conversation: Conversation) -> str | None:
    expression = arithmetic.find(conversation.user)
    if expression is None:
        return None
    try:
        return f"{expression} = {arithmetic.written(arithmetic.solve(expression))}"
    except arithmetic.Unsolvable as exc:
        return f"{expression} can't be worked out: {exc}."


def _recollection(conversation: Conversation) -> str | None:
    return recall(conversation.user, conversation.earlier)


def _not_told(conversation: Conversation) -> str | None:
    return not_told(conversation.user)


def _from_outputs(conversation: Conversation) -> str:
    """Tell what the functions gave and what code came to, and answer from what was found in files."""
    found = [search_in(answered.output) if searches_files(answered.name) else None for answered in conversation.outputs]
    unread = [answered for answered, search in zip(conversation.outputs, found, strict=True) if search is None]
    others = [answered for answered in unread if not runs_code(answered.name)]
    searches = [search for search in found if search]
    said = [told(others)] if others else []
    if len(others) < len(unread):
        said.append(told_runs(conversation, unread))
    return "\n".join([*said, _cited(conversation, searches)] if searches else said)


def _cited(conversation: Conversation, searches: Sequence[Search]) -> str:
    """Answer from the passages of files. What they say is data: none of it is ever done."""
    passages = [passage for search in searches for passage in search.passages]
    answer = extracted(questions(conversation), passages) or "The files do not say."
    return " ".join([answer, *dict.fromkeys(search.notes for search in searches if search.notes)])


def _introduction(conversation: Conversation) -> str:
    return (
        "I am the rehearsal model, no language model: I follow fixed rules, call the functions that a message asks "
        "for, answer from their outputs, do arithmetic, fill JSON schemas, and shorten or expand texts. "
        + _said(conversation)
    )


def _said(conversation: Conversation) -> str:
    images = {0: "", 1: " I can't see the image."}.get(conversation.images, " I can't see the images.")
    if not conversation.user:
        return f"Your message has no text.{images}"
    quote = conversation.user[:_LONGEST_QUOTE]
    return f"You wrote: “{quote}{'…' if quote != conversation.user else ''}”{images}"


_RULES: tuple[Callable[[Conversation], str | None], ...] = (
    _greeting,
    shorten,
    draft,
    _recollection,
    _reckoning,
)
