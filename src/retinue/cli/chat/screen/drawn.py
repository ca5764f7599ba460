"""Answers on a terminal: Markdown in colours, what is finished printed for good, the rest drawn while it grows."""

import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text

from retinue.cli.chat.conversation import Answered, Asked, Coded, Printed, Said, Shown
from retinue.cli.chat.screen.blocks import Block, Blocks
from retinue.cli.chat.screen.code import CODE_LINES, Fold, told_output
from retinue.cli.chat.screen.foot import Foot
from retinue.cli.chat.screen.markdown import Line, lines_of
from retinue.cli.chat.screen.words import STOPPED, Words, fault_of
from retinue.cli.clean import clean

_DIM = "dim"
_FAULT = "red"
_FENCE = "~" * 40  # no code has such a line


class Drawn:
    """See `Screen`."""

    def __init__(self, console: Console, *, now: Callable[[], float] = time.monotonic, stopped: str = STOPPED) -> None:
        """`stopped`: see `fault_of`."""
        self._words = Words()
        self._console = console
        self._foot = Foot(console)
        self._now = now
        self._stopped = stopped
        self._blocks = Blocks()
        self._asked_at: float | None = None  # until the first text
        self._grown = False
        self._code: Fold | None = None  # while code comes

    def begin(self) -> None:
        self._words = Words()
        self._blocks = Blocks()
        self._asked_at = self._now()
        self.tick()

    def show(self, happening: Shown | Asked) -> None:
        if not isinstance(happening, Coded):
            self._end_code()
        match happening:
            case Coded(text=text, begins=begins):
                self._asked_at = None
                self._show_code(text, begins=begins)
            case Printed():
                self._say(told_output(happening), _DIM)
                self._asked_at = self._now()  # the model goes on
            case Said(text=text):
                self._asked_at = None
                self._print(self._blocks.feed(clean(text)))
                self._grown = True
            case Asked(arguments=arguments):
                self._say(self._words.told(happening), _DIM)
                self._say(clean(arguments), "")
            case _:
                self._say(self._words.told(happening), _DIM)

    def tick(self) -> None:
        if self._asked_at is not None:
            waited = int(self._now() - self._asked_at)
            self._foot.draw(self._worded(f"thinking... {waited} s" if waited else "thinking...", _DIM))
        elif self._grown:
            self._draw()

    def end(self, answered: Answered, *, summary: str) -> None:
        self._asked_at = None
        self._end_code()
        self._finish()
        if fault := fault_of(answered, stopped=self._stopped):
            self._say(fault, _DIM if answered.end == "stopped" else _FAULT)
        self._say(summary, _DIM)
        self._foot.print([[]])

    def notice(self, text: str) -> None:
        self._say(clean(text), _DIM)

    def fault(self, text: str) -> None:
        self._say(clean(text), _FAULT)

    def _show_code(self, text: str, *, begins: bool) -> None:
        """Show code as it comes, as far as it is shown: a block in the answer's own manner."""
        if begins or self._code is None:
            self._end_code()
            self._finish()
            self._code = Fold(CODE_LINES)
            self._print(self._blocks.feed(f"{_FENCE}python\n"))
        self._print(self._blocks.feed(self._code.take(clean(text))))
        self._grown = True

    def _end_code(self) -> None:
        if self._code is None:
            return
        hint, self._code = self._code.hint(" of code"), None
        self._print(self._blocks.feed(f"\n{_FENCE}\n"))
        self._finish()
        if hint:
            self._say(hint, _DIM)

    def _say(self, text: str, style: str) -> None:
        self._finish()
        self._foot.print(self._worded(text, style))

    def _finish(self) -> None:
        """Print what waits for its end: something else comes now."""
        self._print(self._blocks.close())
        self._foot.draw([])
        self._grown = False

    def _print(self, blocks: Iterator[Block]) -> None:
        finished = [line for block in blocks for line in lines_of(block, self._console)]
        if finished:
            self._foot.print(finished)

    def _draw(self) -> None:
        self._grown = False
        self._foot.draw([line for block in self._blocks.waiting() for line in lines_of(block, self._console)])

    def _worded(self, text: str, style: str) -> list[Line]:
        return [*self._console.render_lines(Text(text, style), pad=False)] if text else []
