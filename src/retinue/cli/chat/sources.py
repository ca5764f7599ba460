"""What sources are called: by their file's name, and as much of its path as tells it from others of that name."""

from collections.abc import Mapping
from pathlib import PurePath

from retinue.cli.client.api import Api
from retinue.cli.files.objects import VectorStore
from retinue.cli.files.places import path_of_file
from retinue.cli.files.vector_stores import files_in

_MOST = 2_000  # files of a store that are looked at: a conversation begins at once


async def names_in(api: Api, store: VectorStore) -> dict[str, str]:
    """Return what files of a store are called that bear one name with others, by their ids."""
    if store.file_counts.total > _MOST:
        return {}
    return told_apart({file.id: path async for file in files_in(api, store) if (path := path_of_file(file))})


def told_apart(paths: Mapping[str, str]) -> dict[str, str]:
    """Return the ends of those paths whose last part is that of others, as long as it takes to tell them apart."""
    alike: dict[str, dict[str, PurePath]] = {}
    for key, path in paths.items():
        alike.setdefault(PurePath(path).name, {})[key] = PurePath(path)
    return {key: end for group in alike.values() if len(set(group.values())) > 1 for key, end in _ends(group).items()}


def _ends(group: Mapping[str, PurePath]) -> dict[str, str]:
    """Return the shortest ends by which all these paths differ."""
    several = len(set(group.values()))
    longest = max(len(path.parts) for path in group.values())
    for length in range(2, longest + 1):
        ends = {key: "/".join(path.parts[-length:]) for key, path in group.items()}
        if len(set(ends.values())) == several:
            return ends
    return {key: str(path) for key, path in group.items()}
