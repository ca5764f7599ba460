"""`retinue files add`."""

import shlex
from collections.abc import Sequence
from pathlib import Path

import typer

from retinue.cli.clean import clean_line
from retinue.cli.client.api import Api
from retinue.cli.files.adding import Added, Adding
from retinue.cli.files.filling import fill
from retinue.cli.files.folder import Folder
from retinue.cli.files.gathering import gather
from retinue.cli.files.progress import bar
from retinue.cli.files.telling import counted, named, tell_failures, tell_skipped, tell_stopped
from retinue.cli.files.vector_stores import check_named, store_to_fill
from retinue.cli.say import say
from retinue.core.errors import InvalidRequest

_INTERRUPTED = 130  # the shell's code for Ctrl-C


def run_add(paths: Sequence[Path], folder: Folder, *, store: str | None) -> None:
    """Add files and say what became of them; leave with 1 where some failed."""
    check_named(store)
    gathered = gather(paths)
    tell_skipped(gathered.skipped)
    if not gathered.files:
        raise InvalidRequest("There is nothing to read there.")
    adding: list[Adding] = []

    async def add(api: Api) -> None:
        chosen = await store_to_fill(api, store)
        with bar(len(gathered.files)) as watcher:
            adding.append(Adding(api, chosen.store, watcher))
            await fill(api, chosen, adding[0], gathered.files, gathered.folders)

    try:
        folder.ask(add, makes=True)
    except KeyboardInterrupt:
        tell_stopped(adding[0].added if adding else None, len(gathered.files))
        raise typer.Exit(_INTERRUPTED) from None
    added = adding[0].added
    _tell(added, folder, gathered.folders)
    if added.failures:
        raise typer.Exit(1)


def _tell(added: Added, folder: Folder, folders: Sequence[Path]) -> None:
    store = added.store
    news = f"{counted(added.searchable)} can be searched now"
    if added.unchanged and not added.searchable:
        news = "Nothing is new"
    unchanged = f", {added.unchanged} skipped (unchanged)" if added.unchanged else ""
    name = f"{clean_line(store.name, 60)} ({store.id})" if store.name else store.id
    searched = added.searchable or added.unchanged
    say(f"{news} in {name}{unchanged}." if searched else "Nothing can be searched.")
    tell_failures(added.failures)
    _tell_gone(added, folder, folders)
    if searched:
        say(f'Ask them:\n  retinue chat --store {store.id}{folder.options} "..."')


def _tell_gone(added: Added, folder: Folder, folders: Sequence[Path]) -> None:
    """Say what is still answered from though it is gone from the folders, and how to remove it."""
    if added.gone:
        are = "is" if len(added.gone) == 1 else "are"
        names = [str(Path(path).relative_to(root)) for path in added.gone for root in folders if _is_in(path, root)]
        say(f"{counted(len(added.gone))} {are} gone from the folder and still in the store: {named(names)}")
        where = " ".join(shlex.quote(str(path)) for path in folders)
        say(f"Remove what is gone:\n  retinue files remove --gone {where} --store {added.store.id}{folder.options}")


def _is_in(path: str, folder: Path) -> bool:
    return Path(path).is_relative_to(folder)
