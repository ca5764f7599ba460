"""What is said of what happens besides the answer's text, in one line each, on every screen."""

from retinue.cli.chat.conversation import Answered, Asked, Called, Waiting
from retinue.cli.chat.screen.clean import clean_line

_ARGUMENTS = 160
_STOPPED = "Stopped; /retry answers anew."


def told(happening: Waiting | Called | Asked) -> str:
    """Return the line that tells what happened."""
    match happening:
        case Waiting(why=why, seconds=seconds):
            then = f"Trying again in {_seconds(seconds)}." if seconds else "Asking the next provider now."
            return f"{clean_line(why)} {then}"
        case Called(name=name, arguments=arguments):
            return f"calls {clean_line(name)} {clean_line(arguments, _ARGUMENTS)}".rstrip()
        case Asked(name=name):
            return f"The model asks you to run {clean_line(name)}, with these arguments:"


def fault_of(answered: Answered, *, stopped: str = _STOPPED) -> str:
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


def _seconds(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else "a moment"
