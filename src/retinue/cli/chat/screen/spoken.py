"""Answers for a screen reader, or a terminal that can only print: whole sentences, no colours, nothing drawn anew."""

import re
from collections.abc import Callable
from typing import TextIO

from retinue.cli.chat.conversation import Answered, Asked, Coded, Printed, Said, Shown
from retinue.cli.chat.screen.code import Coding, told_output
from retinue.cli.chat.screen.words import STOPPED, Words, fault_of
from retinue.cli.clean import clean
from retinue.cli.wrapping import Wrapping

_END = re.compile(r"""\n|[.!?:;]["')\]*_]{0,8}[ \t]|[。！？；…｡]["')\]*_”’」』）]{0,8}""")
_LONGEST_END = 10  # characters
_LONG = 400  # characters without a sentence's end: said up to a blank
_LONGEST = 2_000  # and these without a blank


class Spoken:
    """See `Screen`."""

    def __init__(self, out: TextIO, *, width: Callable[[], int] | None = None, stopped: str = STOPPED) -> None:
        """`width` is the terminal's; None where there is none, and nothing to wrap for. `stopped`: see `fault_of`."""
        self._words = Words()
        self._coding = Coding()
        self._out = out
        self._width = width
        self._stopped = stopped
        self._wrapping = Wrapping()
        self._rest = ""
        self._speaks = False

    def begin(self) -> None:
        self._words = Words()
        self._coding = Coding()
        self._speaks = False

    def show(self, happening: Shown | Asked) -> None:
        if code := self._coding.take(happening) if isinstance(happening, Coded) else self._coding.told():
            self.notice(code)
        match happening:
            case Coded():
                pass  # told once it is whole
            case Printed():
                output = told_output(happening)
                self.notice(f"It printed:\n{output}" if output else "It printed nothing.")
            case Said(text=text):
                self._say(clean(text))
            case Asked(arguments=arguments):
                self.notice(f"{self._words.told(happening)}\n{arguments}")
            case _:
                self.notice(self._words.told(happening))

    def tick(self) -> None:
        """Nothing moves here."""

    def end(self, answered: Answered, *, summary: str) -> None:
        for line in filter(None, [self._coding.told(), fault_of(answered, stopped=self._stopped), summary]):
            self.notice(line)

    def notice(self, text: str) -> None:
        self._finish()
        self._write(f"{clean(text)}\n")

    def fault(self, text: str) -> None:
        self.notice(f"Error: {text}")

    def _say(self, text: str) -> None:
        if not self._speaks:
            self._write("Answer:\n")
        self._speaks = True
        searched = max(0, len(self._rest) - _LONGEST_END)
        self._rest += text
        end = max((found.end() for found in _END.finditer(self._rest, searched)), default=0) or _cut(self._rest)
        if end:
            self._write(self._rest[:end])
            self._rest = self._rest[end:]

    def _finish(self) -> None:
        if self._rest:
            self._write(f"{self._rest}\n")
        self._rest = ""

    def _write(self, text: str) -> None:
        self._out.write(text if self._width is None else self._wrapping.wrapped(text, self._width()))
        self._out.flush()


def _cut(text: str) -> int:
    """Return how much of an unfinished sentence is said; JSON and the like have no other end than their own."""
    if len(text) < _LONG:
        return 0
    return text.rfind(" ") + 1 or (len(text) if len(text) >= _LONGEST else 0)
