"""`retinue files list`."""

from collections.abc import Sequence
from itertools import zip_longest
from urllib.parse import quote

from retinue.cli.clean import clean_line
from retinue.cli.client.api import Api, Refused
from retinue.cli.files.folder import Folder
from retinue.cli.files.objects import File, StoredFile, VectorStore
from retinue.cli.files.places import path_of_file
from retinue.cli.files.vector_stores import files_in, store_to_read, vector_stores
from retinue.cli.say import say

_NAME = 30  # characters


def run_list(folder: Folder, *, store: str | None) -> None:
    """Print the vector stores; or the files of one."""
    if store is None:
        stores = folder.ask(_stores)
        rows = [_store_row(one) for one in stores]
        _print(
            [("id", "name", "files", "failed", "indexed"), *rows], none="There are no documents yet: retinue files add"
        )
    else:
        named = folder.ask(lambda api: _named_files(api, store))
        rows = [_file_row(name, one) for name, one in named]
        notes = [clean_line(one.last_error.message) if one.last_error else None for _, one in named]
        _print([("id", "name", "status", "indexed"), *rows], notes=notes, none="There are no files in it.")


async def name_of(api: Api, file: StoredFile) -> str:
    """Return what a file is called: where it lay, if it was added here."""
    if path := path_of_file(file):
        return path
    try:
        return (await api.get(f"/v1/files/{quote(file.id, safe='')}", File)).filename
    except Refused:
        return ""


async def _stores(api: Api) -> list[VectorStore]:
    return [store async for store in vector_stores(api)]


async def _named_files(api: Api, store: str) -> list[tuple[str, StoredFile]]:
    found = await store_to_read(api, store)
    return [(await name_of(api, file), file) async for file in files_in(api, found)]


def _store_row(store: VectorStore) -> tuple[str, ...]:
    counts = store.file_counts
    reading = f" ({counts.in_progress} being read)" if counts.in_progress else ""
    name, size = clean_line(store.name or "", _NAME), f"{store.usage_bytes:,}"
    return store.id, name, f"{counts.completed}{reading}", str(counts.failed), size


def _file_row(name: str, file: StoredFile) -> tuple[str, ...]:
    shown = clean_line(name)
    short = shown if len(shown) <= _NAME else f"...{shown[3 - _NAME :]}"
    return file.id, short, file.status, f"{file.usage_bytes:,}"


def _print(rows: Sequence[Sequence[str]], *, none: str, notes: Sequence[str | None] = ()) -> None:
    """Print a table, its head first; a row's note stands under it."""
    if len(rows) == 1:
        say(none)
        return
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, note in zip_longest(rows, (None, *notes)):
        say("  ".join(map(str.ljust, row, widths)).rstrip())
        if note:
            say(f"    {note}")
