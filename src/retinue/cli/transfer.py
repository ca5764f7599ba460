"""`retinue import` and `retinue export`."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from retinue.api.dump import Bad, Report
from retinue.app.transfer import BrokenOff, disown, export_dump, import_dumps, size_of
from retinue.cli.say import say
from retinue.cli.settings import settings_of
from retinue.core.errors import NotStarted

_SHOWN = 20  # bad records that are listed unless all are asked for
_KINDS = ("assistant", "thread", "message", "run")
_WHY_NOT = {
    "run step": "imported runs show no steps",
    "file": "a dump has no bytes: upload them",
    "vector store": "a dump has no bytes: make them anew",
    "vector store.file": "a dump has no bytes: make them anew",
}


def run_import(
    files: Sequence[str],
    *,
    project: str,
    data: Path | None,
    config: Path | None,
    errors: Path | None,
    verbose: bool,
) -> None:
    """Import and say what became of it; leave with 1 if some records were bad, with 2 if there was no good one.

    What broke off is said with what was taken until then, and leaves with 2.
    """
    settings = settings_of(data=data, config=config)
    folder = settings.data
    broken: BrokenOff | None = None
    with _bad_list(errors, verbose=verbose) as bad, _progress(files) as advance:
        importing = import_dumps(
            folder, files, project=project, synchronous=settings.synchronous, tell=bad.add, progress=advance
        )
        try:
            report = asyncio.run(importing)
        except BrokenOff as error:
            broken, report = error, error.report
    with _on_standard_output():
        bad.show()
        _show(report, f"Imported into {folder}, project {project!r}")
    if broken is not None:
        raise broken
    bad.check()
    if report.bad:
        raise typer.Exit(1 if report.taken or report.there else 2)


def run_export(file: str, *, project: str, data: Path | None, config: Path | None) -> None:
    """Export and say how much."""
    settings = settings_of(data=data, config=config)
    folder = settings.data
    counts = asyncio.run(export_dump(folder, file, project=project, synchronous=settings.synchronous))
    said = ", ".join(_counted(counts[kind], kind) for kind in _KINDS)
    typer.echo(f"Exported {said} from {folder}, project {project!r}.", err=True)


class _BadList:
    """Bad records: the first are kept to be shown, all are written down if that is wanted."""

    def __init__(self, path: Path | None, file: TextIO | None, *, verbose: bool) -> None:
        self._path, self._file, self._verbose = path, file, verbose
        self._first: list[str] = []
        self._more = 0
        self._failure: OSError | None = None

    def add(self, bad: Bad) -> None:
        if self._file is not None and self._failure is None:
            self._write(self._file, f"{bad}\n")
        if self._verbose:
            with contextlib.suppress(OSError):  # nobody listens, which is no reason to take less
                say(str(bad), err=True)
        elif len(self._first) < _SHOWN:
            self._first.append(str(bad))
        else:
            self._more += 1

    def _write(self, file: TextIO, line: str) -> None:
        try:
            file.write(line)
        except OSError as error:  # the import goes on without: to import the same again tells the same
            self._failure = error

    def show(self) -> None:
        for line in self._first:
            say(line, err=True)
        if self._more:
            typer.echo(f"... and {self._more:,} more: see them all with --verbose or --errors FILE.", err=True)

    def close(self) -> None:
        try:
            if self._file is not None:
                self._file.close()
        except OSError as error:
            self._failure = self._failure or error

    def check(self) -> None:
        """Raise NotStarted if not all could be written down."""
        if self._failure is not None:
            raise NotStarted(
                f"{self._path} can't be written ({self._failure.strerror}): not all that is bad is in it. "
                "To have it listed, import the same again with another --errors FILE."
            )


@contextlib.contextmanager
def _bad_list(errors: Path | None, *, verbose: bool) -> Iterator[_BadList]:
    bad = _BadList(errors, None if errors is None else _new_list(errors), verbose=verbose)
    try:
        yield bad
    except BaseException:
        if errors is not None and errors.is_file() and not errors.stat().st_size:
            errors.unlink()  # so that the same command can be given again
        raise
    finally:
        bad.close()


def _new_list(path: Path) -> TextIO:
    """Open a file that isn't there yet, or a terminal or pipe; each line is written as it comes."""
    is_stream = path.exists() and not path.is_file()
    try:
        return path.open("w" if is_stream else "x", buffering=1, encoding="utf-8")
    except FileExistsError:
        raise NotStarted(f"{path} exists already, and --errors overwrites nothing. Choose another name.") from None
    except OSError as error:
        raise NotStarted(f"{path} can't be written ({error.strerror}).") from error


@contextlib.contextmanager
def _on_standard_output() -> Iterator[None]:
    """What is said of an import that is over may not be heard: the disk is full, or nobody listens any more."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        disown(sys.stdout)
        raise NotStarted(
            f"What became of the import can't be told on standard output ({error.strerror}). What was taken stays."
        ) from error


@contextlib.contextmanager
def _progress(files: Sequence[str]) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal, moved on by bytes."""
    console = Console(stderr=True)
    columns = (TextColumn("Importing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=size_of(files))
        yield lambda size: progress.advance(task, size)


def _show(report: Report, headline: str) -> None:
    typer.echo(f"{headline}:")
    typer.echo(f"  {'':<12}{'taken':>12}{'here already':>15}{'bad':>10}")
    kinds = [*_KINDS, *(kind for kind in report.bad if kind not in _KINDS)]
    for kind in kinds:
        taken, there, bad = report.taken[kind], report.there[kind], report.bad[kind]
        if taken or there or bad:
            typer.echo(f"  {_plural(kind):<12}{taken:>12,}{there:>15,}{bad:>10,}")
    if not (report.taken or report.there or report.bad):
        typer.echo("  nothing: there are no objects of the API in it")
    for kind, count in sorted(report.not_imported.items()):
        typer.echo(f"  not imported: {_counted(count, kind)} ({_WHY_NOT.get(kind, 'no part of a thread')})")


def _counted(count: int, kind: str) -> str:
    return f"{count:,} {kind if count == 1 else _plural(kind)}"


def _plural(kind: str) -> str:
    return kind if kind == "unreadable" else f"{kind}s"
