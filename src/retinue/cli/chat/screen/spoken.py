"""Answers for a screen reader, or a terminal that can only print: whole sentences, no colours, nothing drawn anew."""

import re
from typing import TextIO

from retinue.cli.chat.conversation import Answered, Asked, Called, Said, Waiting
from retinue.cli.chat.screen.words import fault_of, told
from retinue.cli.clean import clean

_SENTENCES = re.compile(r".*(?:\n|[.!?:;][\"')\]*_]*[ \t])", re.DOTALL)


class Spoken:
    """See `Screen`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._rest = ""
        self._speaks = False

    def begin(self) -> None:
        self._speaks = False

    def show(self, happening: Said | Waiting | Called | Asked) -> None:
        match happening:
            case Said(text=text):
                self._say(clean(text))
            case Asked(arguments=arguments):
                self.notice(f"{told(happening)}\n{arguments}")
            case _:
                self.notice(told(happening))

    def tick(self) -> None:
        """Nothing moves here."""

    def end(self, answered: Answered, *, summary: str) -> None:
        for line in filter(None, [fault_of(answered), summary]):
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
        self._rest += text
        if whole := _SENTENCES.match(self._rest):
            self._write(whole[0])
            self._rest = self._rest[whole.end() :]

    def _finish(self) -> None:
        if self._rest:
            self._write(f"{self._rest}\n")
        self._rest = ""

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()
