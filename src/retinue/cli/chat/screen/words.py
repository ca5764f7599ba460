"""What is said of what happens besides the answer's text, in one line each, on every screen."""

from retinue.cli.chat.conversation import Answered, Asked, Called, Made, Waiting
from retinue.cli.chat.screen.code import told_made
from retinue.cli.clean import clean_line

_ARGUMENTS = 160
_MINUTE = 60
_AGAIN = "Try again."  # what a fault advises, and is being done
STOPPED = "Stopped; /retry answers anew."
"""Of an answer in a conversation."""
STOPPED_ONCE = "Stopped; -c goes on in its thread."
"""Of the only answer of a command."""


class Words:
    """What is said of one answer: a fault that comes again is said once."""

    def __init__(self) -> None:
        self._why = ""
        self._times = 0

    def told(self, happening: Waiting | Called | Made | Asked) -> str:
        """Return the line that tells what happened."""
        match happening:
            case Waiting(why=why, seconds=seconds):
                return self._waiting(clean_line(why).removesuffix(_AGAIN).rstrip(), seconds)
            case Called(name="file_search", arguments=""):
                return "searches the files"
            case Made():
                return told_made(happening)
            case Called(name=name, arguments=arguments):
                return f"calls {clean_line(name)} {clean_line(arguments, _ARGUMENTS)}".rstrip()
            case Asked(name=name):
                return f"The model asks you to run {clean_line(name)}, with these arguments:"

    def _waiting(self, why: str, seconds: float) -> str:
        self._times = self._times + 1 if why == self._why else 1
        known, self._why = why == self._why, why
        if not seconds:
            return f"{why} Asking the next provider now."
        if known:
            return f"Trying again in {_time(seconds)} ({_ordinal(self._times)} time)."
        return f"{why} Trying again in {_time(seconds)}."


def fault_of(answered: Answered, *, stopped: str = STOPPED) -> str:
    """Return the sentence that tells why an answer is not complete; empty for one that is.

    `stopped` is said of one that the user has stopped.
    """
    match answered.end:
        case "completed":
            return ""
        case "stopped":
            return clean_line(answered.why) if answered.why else stopped
        case "incomplete" | "failed" as end:
            return clean_line(answered.why) if answered.why else f"The answer is {end}, and nobody said why."


def _time(seconds: float) -> str:
    if seconds < 1:
        return "a moment"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / _MINUTE), 60)
    return " ".join(filter(None, [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""]))


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
