"""A bar on a terminal while files are read; nothing where nobody looks."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from retinue.cli.clean import clean_line
from retinue.cli.files.objects import Windows
from retinue.cli.terminal import silent

_NAME = 40  # characters


class Bar:
    """See `Watcher`."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task
        self._name = ""
        self._settled = 0

    def reads(self, name: str) -> None:
        """See `Watcher.reads`."""
        self._name = clean_line(name, _NAME)
        self.reached(Windows())

    def reached(self, windows: Windows) -> None:
        """See `Watcher.reached`."""
        description = " ".join(filter(None, [_told(windows), self._name]))
        self._progress.update(self._task, completed=self._settled + windows.part, description=description)

    def settled(self) -> None:
        """See `Watcher.settled`."""
        self._settled += 1
        self._progress.update(self._task, completed=self._settled)


def _told(windows: Windows) -> str:
    """Return how far a file is read: which part of it, or how much where nobody knows of how much."""
    if windows.total:
        return f"{windows.part:.0%}"
    return f"{windows.stored:,} parts" if windows.stored else ""


@contextmanager
def bar(total: int) -> Iterator[Bar]:
    """Show a bar for so many files until the block is left."""
    console = Console(stderr=True)
    name = TextColumn("{task.description}", markup=False)  # names come from outside
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), name)
    with (
        silent() if console.is_terminal else nullcontext(),
        Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress,
    ):
        yield Bar(progress, progress.add_task("", total=total))
