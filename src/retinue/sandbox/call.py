"""One call of a session's: what it has printed and drawn so far, and what is done when it does not end."""

import codecs
import time
from typing import Any, Literal

from retinue.sandbox.base import LONGEST_ERROR, MOST_DRAWN, MOST_DRAWN_BYTES, PNG, Drawn, Ended, Limits, SessionLost
from retinue.sandbox.inside.places import KNOWN
from retinue.sandbox.shown import Shown

Step = Literal["interrupt", "kill"]

_GRACE_S = 1.5  # after an interrupt
_END_S = 10.0  # after the worker was killed: its keeper ends all that it has started, on a machine that may be busy
_FLOOD = 64 << 20  # bytes of output, at which a call is ended

_STOPPED = "The code took longer than {} and was stopped."
_ANEW = "Python was started anew: files are kept, names and imports are lost."
_KILLED = "The code took longer than {} and could not be interrupted. " + _ANEW
_FLOODED = f"The code printed more than {_FLOOD >> 20} MB and was ended. {_ANEW}"
_DIED = "Python ended, most likely because the code took more than {} MB of memory. " + _ANEW
_FILLED = (
    "The code wrote more than {} MB of files, or more than {:,} of them, and was ended; of its files those that were "
    "written last are gone. " + _ANEW
)
_CROWDED = "The code started more than {} processes and was ended. " + _ANEW
_UNHEARD = "The session does not answer any more and is ended."


class Call:
    """Bounds what code may have a server keep, and for how long."""

    def __init__(self, limits: Limits, *, data: str = KNOWN) -> None:
        """`data` is where the session's files lie."""
        self._limits, self._shown = limits, Shown(data)
        self._deadline = time.monotonic() + limits.call_s
        self._steps: list[Step] = []
        self._printed = self._drawn = self._drawn_bytes = self._not_drawn = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._answer: dict[str, Any] | None = None

    @property
    def over(self) -> bool:
        """Whether the code has ended, however."""
        return self._answer is not None

    @property
    def left_s(self) -> float:
        """Seconds until the next step is due."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def floods(self) -> bool:
        """Whether it prints more than anybody reads, and nothing was done about it."""
        return self._printed > _FLOOD and "kill" not in self._steps

    def next_step(self) -> Step:
        """Return what is to be done now; raises SessionLost where all was done."""
        if "kill" in self._steps:
            raise SessionLost(_UNHEARD)
        step: Step = "kill" if self._steps or self.floods else "interrupt"
        self._steps.append(step)
        self._deadline = time.monotonic() + (_GRACE_S if step == "interrupt" else _END_S)
        return step

    def printed(self, piece: bytes) -> str:
        """Return what is kept of what was printed."""
        room = max(0, self._limits.output_bytes - self._printed)
        self._printed += len(piece)
        return self._decoder.decode(self._shown.piece(piece[:room]))

    def rest(self) -> str:
        """Return what was held back of what was printed, once nothing more comes."""
        return self._decoder.decode(self._shown.rest())

    def answered(self, said: dict[str, Any], content: bytes) -> Drawn | None:
        """Take an answer, and return the chart that it holds, if it is one that is kept."""
        if said.get("did") == "run":
            self._answer = said
        if said.get("did") != "draw":
            return None
        fits = self._drawn < MOST_DRAWN and self._drawn_bytes + len(content) <= MOST_DRAWN_BYTES
        if not fits or not content.startswith(PNG):
            self._not_drawn += 1
            return None
        self._drawn += 1
        self._drawn_bytes += len(content)
        return Drawn(content)

    def ended(self) -> Ended:
        """Return how it ended."""
        left_out = max(0, self._printed - self._limits.output_bytes)
        return Ended(error=self._error(), left_out=left_out, charts_left_out=self._not_drawn)

    @property
    def _allowed(self) -> str:
        seconds = self._limits.call_s
        return "1 second" if seconds == 1 else f"{seconds:g} seconds"

    def _error(self) -> str | None:
        answer = self._answer or {}
        if answer.get("died"):
            return self._death()
        if self._steps:
            return _STOPPED.format(self._allowed)
        error = answer.get("error")
        return None if error is None else _sayable(self._shown.text(str(error)[-LONGEST_ERROR:]))

    def _death(self) -> str:
        if self._printed > _FLOOD:
            return _FLOODED
        if self._steps:
            return _KILLED.format(self._allowed)
        match (self._answer or {}).get("excess"):
            case "files":
                return _FILLED.format(self._limits.disk_bytes >> 20, self._limits.inodes)
            case "processes":
                return _CROWDED.format(self._limits.processes)
            case _:
                return _DIED.format(self._limits.memory_bytes >> 20)


def _sayable(text: str) -> str:
    """Return a text that can be sent on: halves of characters, which Python lets a text have, are replaced."""
    return text.encode("utf-8", "replace").decode()
