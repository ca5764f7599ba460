"""An answer as one line of JSON, for scripts; what else is told goes to standard error."""

import json
from collections.abc import Callable
from typing import TextIO

from msgspec import structs

from retinue.cli.chat.conversation import Answered, Asked, Cited, Coded, Made, Printed, Said, Shown
from retinue.cli.chat.screen.words import Words
from retinue.cli.clean import clean
from retinue.cli.say import fitted


class JsonLine:
    """See `Screen`."""

    def __init__(self, out: TextIO, err: TextIO, thread_id: Callable[[], str | None]) -> None:
        self._words = Words()
        self._out = out
        self._err = err
        self._thread_id = thread_id
        self._said: list[str] = []
        self._citations: list[Cited] = []
        self._code: list[dict[str, str]] = []
        self._files: list[Made] = []

    def begin(self) -> None:
        self._words = Words()
        self._said, self._citations, self._code, self._files = [], [], [], []

    def show(self, happening: Shown | Asked) -> None:
        match happening:
            case Said(text=text, citations=citations):
                self._said.append(text)
                self._citations += citations
            case Coded(text=text, begins=begins):
                self._coded(text, begins=begins)
            case Printed(text=text) if self._code:
                self._code[-1]["output"] += text
            case Printed():
                pass  # of code that nobody saw
            case Made():
                self._files.append(happening)
            case Asked():
                pass  # nobody here could run it; the fault names it
            case _:
                self.notice(self._words.told(happening))

    def tick(self) -> None:
        """Nothing moves here."""

    def end(self, answered: Answered, *, summary: str) -> None:
        text, citations = "".join(self._said), [structs.asdict(cited) for cited in self._citations]
        made = {"code": self._code, "files": [structs.asdict(file) for file in self._files]}
        line = {
            "text": text,
            "citations": citations,
            **made,
            **structs.asdict(answered),
            "thread_id": self._thread_id(),
        }
        # escapes whatever is not ASCII: the text can be whole and still do a terminal no harm
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()

    def _coded(self, text: str, *, begins: bool) -> None:
        if begins or not self._code:
            self.notice("runs code")
            self._code.append({"input": "", "output": ""})
        self._code[-1]["input"] += text

    def notice(self, text: str) -> None:
        print(fitted(f"retinue: {clean(text)}", self._err), file=self._err, flush=True)

    def fault(self, text: str) -> None:
        self.notice(text)
