"""What a model is told whose answer was not in the run's format: its own words, and what is wrong with them."""

from retinue.context.chat import Json
from retinue.core.history import History
from retinue.core.item import Message

MAX_QUOTED = 8_000  # characters of the answer; its ends show what it was meant to be

_WISH = "{problem} Give the whole answer again: nothing but JSON in the format that was asked for."


def correction(history: History) -> tuple[Json, ...]:
    """Return the chat messages to put at the end of the next request; none if the last answer had no problem."""
    problem = history.turns[-1].problem if history.turns else None
    if problem is None:
        return ()
    wish = {"role": "user", "content": _WISH.format(problem=problem)}
    said = _cut(_last_answer(history))
    return ({"role": "assistant", "content": said}, wish) if said else (wish,)


def _last_answer(history: History) -> str:
    """The text of the last turn's message; that of a call which broke off after it is none."""
    last = history.turns[-1].index
    said = [history.message_of(step) for step in history.steps if step.turn == last]
    return next((message.text for message in reversed(said) if isinstance(message, Message)), "")


def _cut(text: str) -> str:
    half = MAX_QUOTED // 2
    left_out = len(text) - 2 * half
    return text if left_out <= 0 else f"{text[:half]}\n[{left_out} characters left out]\n{text[-half:]}"
