"""The foot of the terminal: the lines below what is printed for good, drawn anew while they change."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType, Segment, Segments

from retinue.cli.chat.screen.markdown import Line

_UP = (ControlType.CURSOR_UP, 1)
_ERASE = (ControlType.ERASE_IN_LINE, 2)


class Foot:
    """Draws lines, and replaces those that changed; each change reaches the terminal in one write."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._drawn: Sequence[Line] = ()
        self._width = console.width

    def draw(self, lines: Sequence[Line]) -> None:
        """Show these lines at the foot instead of what it shows; of too many, the last that fit."""
        shown = lines[-max(1, self._console.height - 1) :]
        with self._console:
            self._replace(shown)
        self._drawn = shown

    def print(self, lines: Sequence[Line]) -> None:
        """Print lines for good, above the foot, which is empty then."""
        with self._console:
            self._replace(lines)
            if lines:
                self._console.line()
        self._drawn = ()

    def _replace(self, lines: Sequence[Line]) -> None:
        """Erase what is drawn from the first line that changes, and draw from there."""
        same = (
            0
            if self._resized()
            else len([*takewhile(lambda pair: pair[0] == pair[1], zip(self._drawn, lines, strict=False))])
        )
        if same and same == len(self._drawn) == len(lines):
            return
        same = max(0, min(same, len(self._drawn) - 1, len(lines) - 1))  # the cursor stands in the last line
        self._erase(sum(self._rows(line) for line in self._drawn[same:]))
        self._console.print(Segments(_joined(lines[same:])), end="", crop=False)

    def _resized(self) -> bool:
        width, self._width = self._width, self._console.width
        return width != self._width

    def _rows(self, line: Line) -> int:
        """Return how many rows a line takes: where the terminal has shrunk, it wrapped what was drawn."""
        return max(1, -(-Segment.get_line_length(list(line)) // self._width))

    def _erase(self, rows: int) -> None:
        if rows:
            self._console.control(Control(ControlType.CARRIAGE_RETURN, _ERASE, *[_UP, _ERASE] * (rows - 1)))


def _joined(lines: Sequence[Line]) -> Iterator[Segment]:
    for number, line in enumerate(lines):
        if number:
            yield Segment.line()
        yield from line
