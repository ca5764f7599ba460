"""`retinue files list`."""

import shutil
import sys
from collections.abc import Sequence
from itertools import zip_longest
from urllib.parse import quote

from retinue.cli.clean import clean_line
from retinue.cli.client.api import Api, Refused
from retinue.cli.files.folder import Folder
from retinue.cli.files.objects import File, StoredFile, VectorStore
from retinue.cli.files.places import path_of_file
from retinue.cli.files.vector_stores import NoDocuments, check_named, files_in, store_to_read, vector_stores
from retinue.cli.say import say

_LONGEST = 1_000  # characters of a name
_NAME, _NARROWEST_NAME = 1, 8
"""The column of names, and how few characters it is cut to."""
_ROOM = 16  # characters for names: where they have less, the last columns are left out
_FEWEST = 3  # columns


def run_list(folder: Folder, *, store: str | None) -> None:
    """Print the vector stores; or the files of one."""
    check_named(store)
    if store is None:
        try:
            stores = folder.ask(_stores)
        except NoDocuments as none:
            say(none.message)
            return
        _print([("id", "name", "files", "failed", "indexed"), *map(_store_row, stores)])
        return
    named = folder.ask(lambda api: _named_files(api, store))
    if not named:
        say("There are no files in it.")
        return
    rows = [(one.id, clean_line(name, _LONGEST), one.status, f"{one.usage_bytes:,}") for name, one in named]
    notes = [clean_line(one.last_error.message) if one.last_error else None for _, one in named]
    _print([("id", "name", "status", "indexed"), *rows], notes=notes)


async def name_of(api: Api, file: StoredFile) -> str:
    """Return what a file is called: where it lay, if it was added here."""
    if path := path_of_file(file):
        return path
    try:
        return (await api.get(f"/v1/files/{quote(file.id, safe='')}", File)).filename
    except Refused:
        return ""


async def _stores(api: Api) -> list[VectorStore]:
    stores = [store async for store in vector_stores(api)]
    if not stores:
        raise NoDocuments
    return stores


async def _named_files(api: Api, store: str) -> list[tuple[str, StoredFile]]:
    found = await store_to_read(api, store)
    return [(await name_of(api, file), file) async for file in files_in(api, found)]


def _store_row(store: VectorStore) -> tuple[str, ...]:
    counts = store.file_counts
    reading = f" (reads {counts.in_progress})" if counts.in_progress else ""
    name = " ".join(filter(None, [clean_line(store.name or "", _LONGEST), _made_for(store)]))
    size = f"{store.usage_bytes:,}"
    return store.id, name, f"{counts.completed}{reading}", str(counts.failed), size


def _made_for(store: VectorStore) -> str:
    """Return what a store goes with, in brackets; empty for one that was made by itself."""
    if store.retinue.thread_id:
        return "(thread)"
    if store.retinue.assistant_id:
        return "(assistant)"
    return "(chat -f)" if not store.by_itself else ""


def _print(rows: Sequence[Sequence[str]], *, notes: Sequence[str | None] = ()) -> None:
    """Print a table, its head first; a row's note stands under it. Names are cut to what the terminal has room for."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    if sys.stdout.isatty():
        widths = _fitting(widths, shutil.get_terminal_size().columns)
    for row, note in zip_longest(rows, (None, *notes)):
        cells = [_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=False)]
        say("  ".join(cells).rstrip())
        if note:
            say(f"    {note}")


def _fitting(widths: list[int], columns: int) -> list[int]:
    """Return the widths of as many cells of a row as a terminal has room for."""
    room = columns - sum(widths) + widths[_NAME] - 2 * (len(widths) - 1)
    if room < min(widths[_NAME], _ROOM) and len(widths) > _FEWEST:
        return _fitting(widths[:-1], columns)
    return [*widths[:_NAME], min(widths[_NAME], max(room, _NARROWEST_NAME)), *widths[_NAME + 1 :]]


def _cut(text: str, width: int) -> str:
    """Return the end of a text that is too long: of a path it tells more."""
    return text if len(text) <= width else f"...{text[len(text) - width + 3 :]}"
