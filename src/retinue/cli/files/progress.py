"""A bar on a terminal while files are read; nothing where nobody looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from retinue.cli.clean import clean_line

_NAME = 40  # characters


class Bar:
    """See `Watcher`."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def reads(self, name: str) -> None:
        """See `Watcher.reads`."""
        self._progress.update(self._task, description=clean_line(name, _NAME))

    def settled(self) -> None:
        """See `Watcher.settled`."""
        self._progress.advance(self._task)


@contextmanager
def bar(total: int) -> Iterator[Bar]:
    """Show a bar for so many files until the block is left."""
    console = Console(stderr=True)
    name = TextColumn("{task.description}", markup=False)  # names come from outside
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), name)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield Bar(progress, progress.add_task("", total=total))
