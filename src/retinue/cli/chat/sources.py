"""What the files of a vector store are called in answers."""

from retinue.cli.client.api import Api
from retinue.cli.files.objects import VectorStore
from retinue.cli.files.places import path_of_file, told_apart
from retinue.cli.files.vector_stores import files_in

_MOST = 2_000  # files of a store that are looked at: a conversation begins at once


async def names_in(api: Api, store: VectorStore) -> dict[str, str]:
    """Return what files of a store are called that bear one name with others, by their ids."""
    if store.file_counts.total > _MOST:
        return {}
    return told_apart({file.id: path async for file in files_in(api, store) if (path := path_of_file(file))})
