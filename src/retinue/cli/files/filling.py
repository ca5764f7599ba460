"""Filling a vector store with files, so that none is left behind that a command made for nothing."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from retinue.cli.client.api import Api
from retinue.cli.files.adding import Adding
from retinue.cli.files.taking import delete_store
from retinue.cli.files.vector_stores import ToFill, files_in
from retinue.core.errors import RetinueError


async def fill(api: Api, chosen: ToFill, adding: Adding, files: Sequence[Path], folders: Sequence[Path] = ()) -> None:
    """Add files, as `Adding.add`; a new store that holds none that can be searched or is being read is deleted."""
    try:
        await adding.add(files, folders=folders)
    finally:
        if chosen.is_new:
            with suppress(RetinueError):  # what ended the adding says more
                await _delete_useless(api, chosen)


async def _delete_useless(api: Api, chosen: ToFill) -> None:
    if not any([file.is_good async for file in files_in(api, chosen.store)]):
        await delete_store(api, chosen.store)
