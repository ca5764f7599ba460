"""Answers in a pipe: the bare text as it comes; everything else goes to standard error."""

from typing import TextIO

from retinue.cli.chat.conversation import Answered, Asked, Coded, Printed, Said, Shown
from retinue.cli.chat.screen.words import STOPPED_ONCE, Words, fault_of
from retinue.cli.clean import clean
from retinue.cli.say import fitted


class Piped:
    """See `Screen`."""

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._words = Words()
        self._out = out
        self._err = err
        self._last = "\n"

    def begin(self) -> None:
        self._words = Words()

    def show(self, happening: Shown | Asked) -> None:
        match happening:
            case Said(text=text):
                self._write(clean(text))
            case Coded(begins=True):
                self.notice("runs code")
            case Coded() | Printed():
                pass  # the answer says what it came to
            case Asked():
                pass  # nobody here could run it; the fault names it
            case _:
                self.notice(self._words.told(happening))

    def tick(self) -> None:
        """Nothing moves here."""

    def end(self, answered: Answered, *, summary: str) -> None:
        if self._last != "\n":
            self._write("\n")
        if fault := fault_of(answered, stopped=STOPPED_ONCE):
            self.fault(fault)

    def notice(self, text: str) -> None:
        print(fitted(f"retinue: {clean(text)}", self._err), file=self._err, flush=True)

    def fault(self, text: str) -> None:
        self.notice(text)

    def _write(self, text: str) -> None:
        if text:
            self._out.write(text)
            self._out.flush()
            self._last = text[-1]
