"""`retinue files remove`."""

from collections.abc import Sequence
from pathlib import Path

from retinue.cli.clean import clean_line
from retinue.cli.client.api import Api
from retinue.cli.files.adding import delete_file
from retinue.cli.files.folder import Folder
from retinue.cli.files.listing import name_of
from retinue.cli.files.objects import Deleted, StoredFile, VectorStore
from retinue.cli.files.vector_stores import files_in, path_of, store_to_read
from retinue.cli.say import say
from retinue.core.errors import InvalidRequest


def run_remove(which: Sequence[str], folder: Folder, *, store: str | None, all_files: bool) -> None:
    """Delete files of a vector store; or all of them, and the store."""
    if all_files is bool(which):
        raise InvalidRequest("Name the files to remove, by id, name or path; or --all for all of a vector store.")
    removed, gone = folder.ask(lambda api: _remove(api, store, which))
    for name in removed:
        say(f"Removed {clean_line(name)}.")
    if gone:
        say(f"Removed the vector store {clean_line(gone.title)}.")


async def _remove(api: Api, named: str | None, which: Sequence[str]) -> tuple[list[str], VectorStore | None]:
    store = await store_to_read(api, named)
    there = [(await name_of(api, file), file) async for file in files_in(api, store)]
    chosen = [each for wanted in which for each in _matching(wanted, there)] if which else there
    for _, file in chosen:
        await delete_file(api, file.id)
    if not which:
        await api.delete(path_of(store), Deleted)
    return [name or file.id for name, file in chosen], None if which else store


def _matching(wanted: str, there: Sequence[tuple[str, StoredFile]]) -> list[tuple[str, StoredFile]]:
    """Return the files of this id, path or name, or in the folder of this path; raises InvalidRequest for none."""
    path = Path(wanted).absolute()
    found = [
        (name, file)
        for name, file in there
        if wanted in (file.id, name, Path(name).name) or (Path(name).is_absolute() and Path(name).is_relative_to(path))
    ]
    if not found:
        raise InvalidRequest(
            f"No file in it has the id, name or path {wanted[:200]!r}: `retinue files list --store` lists them."
        )
    return found
