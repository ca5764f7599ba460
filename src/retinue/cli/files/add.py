"""`retinue files add`."""

from collections.abc import Sequence
from pathlib import Path

import typer

from retinue.cli.clean import clean_line
from retinue.cli.client.api import Api
from retinue.cli.files.adding import Added, Adding
from retinue.cli.files.folder import Folder
from retinue.cli.files.gathering import Gathered, gather
from retinue.cli.files.progress import bar
from retinue.cli.files.telling import counted, tell_failures, tell_skipped
from retinue.cli.files.vector_stores import store_to_fill
from retinue.cli.say import say
from retinue.core.errors import InvalidRequest

_INTERRUPTED = 130  # the shell's code for Ctrl-C


def run_add(paths: Sequence[Path], folder: Folder, *, store: str | None) -> None:
    """Add files and say what became of them; leave with 1 where some failed."""
    gathered = gather(paths)
    tell_skipped(gathered.skipped)
    if not gathered.files:
        raise InvalidRequest("There is nothing to read there.")
    adding: list[Adding] = []
    try:
        with bar(len(gathered.files)) as watcher:

            async def add(api: Api) -> None:
                adding.append(Adding(api, await store_to_fill(api, store), watcher))
                await adding[0].add(gathered.files)

            folder.ask(add)
    except KeyboardInterrupt:
        _tell_stopped(adding[0].added if adding else None, gathered)
        raise typer.Exit(_INTERRUPTED) from None
    added = adding[0].added
    _tell(added, folder)
    if added.failures:
        raise typer.Exit(1)


def _tell(added: Added, folder: Folder) -> None:
    store = added.store
    news = f"{counted(added.searchable)} can be searched now"
    if added.unchanged and not added.searchable:
        news = "Nothing is new"
    unchanged = f", {added.unchanged} skipped (unchanged)" if added.unchanged else ""
    name = f"{clean_line(store.name, 60)} ({store.id})" if store.name else store.id
    say(f"{news} in {name}{unchanged}.")
    tell_failures(added.failures)
    if added.searchable or added.unchanged:
        say(f'Ask them: retinue chat --store {store.id}{folder.options} "..."')


def _tell_stopped(added: Added | None, gathered: Gathered) -> None:
    """Say what was handed over by then: reading that goes on without this command."""
    handed = added.handed_over if added else 0
    done = added.searchable + len(added.failures) if added else 0
    say(f"\nStopped. {handed} of {counted(len(gathered.files))} were handed over, {done} of them are read.", err=True)
    if handed > done:
        say(
            "The rest of those is read on by the server; without one, as soon as `retinue serve` or another command "
            "runs. The same command adds what is missing.",
            err=True,
        )
