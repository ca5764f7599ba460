"""What is shown of code that the model runs: as much as one reads, and how much more there was."""

from retinue.cli.chat.conversation import Coded, Made, Printed
from retinue.cli.clean import clean, clean_line

CODE_LINES = 40
OUTPUT_LINES = 20
_LONGEST_LINE = 500  # characters
_UNITS = ("bytes", "KB", "MB", "GB")
_STEP = 1_000


class Fold:
    """Text that comes in pieces, of which the first lines are shown."""

    def __init__(self, most: int) -> None:
        self._most, self._lines, self._length = most, 0, 0
        self._last = ""

    def take(self, text: str) -> str:
        """Return what is shown of more text."""
        shown: list[str] = []
        for line in text.splitlines(keepends=True):
            if self._lines < self._most:
                room = max(0, _LONGEST_LINE - self._length)
                shown.append(line if len(line) <= room else line[:room] + "\n" * line.endswith("\n"))
            self._length += len(line)
            if line.endswith("\n"):
                self._lines, self._length = self._lines + 1, 0
        self._last = text[-1:] or self._last
        return "".join(shown)

    @property
    def left(self) -> int:
        """How many lines are not shown."""
        return max(0, self._lines + (self._last not in ("", "\n")) - self._most)

    def hint(self, of: str = "") -> str:
        """Return the line that stands for them; empty for none."""
        return f"... {self.left:,} more line{'s' * (self.left != 1)}{of}" if self.left else ""


class Coding:
    """The code of one call, gathered for a screen that tells it in one piece."""

    def __init__(self) -> None:
        self._fold = Fold(CODE_LINES)
        self._shown = ""

    def take(self, coded: Coded) -> str:
        """Take a part of code; return what is to be told of the call before this one."""
        told = self.told() if coded.begins else ""
        self._shown += self._fold.take(clean(coded.text))
        return told

    def told(self) -> str:
        """Return what there is to tell of the code, once; empty where there is none."""
        told = "\n".join(filter(None, [self._shown.rstrip(), self._fold.hint(" of code")]))
        self._fold, self._shown = Fold(CODE_LINES), ""
        return f"The model runs this code:\n{told}" if told else ""


def told_output(printed: Printed) -> str:
    """Return what code printed, in a bounded number of lines."""
    fold = Fold(OUTPUT_LINES)
    shown = fold.take(clean(printed.text).strip("\n"))
    return "\n".join(filter(None, [shown.rstrip("\n"), fold.hint()]))


def told_made(made: Made) -> str:
    """Return the line that tells of a chart or a file."""
    size = "" if made.size is None else f", {in_units(made.size)}"
    return f"{made.kind} {clean_line(made.name, 120)}{size} ({clean_line(made.file_id, 80)})"


def in_units(size: int) -> str:
    """Return a number of bytes as people write it."""
    amount, unit = float(size), 0
    while amount >= _STEP and unit < len(_UNITS) - 1:
        amount, unit = amount / _STEP, unit + 1
    return f"{amount:.0f} {_UNITS[unit]}" if unit == 0 or amount >= 10 else f"{amount:.1f} {_UNITS[unit]}"
