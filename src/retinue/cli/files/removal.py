"""`retinue files remove`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from retinue.cli.clean import clean_line
from retinue.cli.client.api import Api
from retinue.cli.files.folder import Folder
from retinue.cli.files.listing import name_of
from retinue.cli.files.objects import Deleted, StoredFile, VectorStore
from retinue.cli.files.places import is_gone, resolved
from retinue.cli.files.taking import Taking
from retinue.cli.files.vector_stores import check_named, files_in, path_of, store_to_read
from retinue.cli.say import say
from retinue.core.errors import InvalidRequest

_SHOWN = 20  # paths in an error

_Named = tuple[str, StoredFile]


class Which(Struct, frozen=True, kw_only=True):
    """Which files are to be removed."""

    names: Sequence[str] = ()
    """Ids, paths, names, or folders' paths."""
    all_files: bool = False
    gone: bool = False
    """Of all those only what lies on this machine no longer."""


def run_remove(which: Which, folder: Folder, *, store: str | None) -> None:
    """Take files out of a vector store; or all of them, and delete the store."""
    check_named(store)
    if which.all_files and (which.names or which.gone):
        raise InvalidRequest("Name the files to remove, or say --all for all of a vector store: not both.")
    if not which.all_files and not which.names:
        raise InvalidRequest("Name the files to remove, by id, name or path; or --all for all of a vector store.")
    for line in folder.ask(lambda api: _remove(api, store, which, folder.options)):
        say(line)


async def _remove(api: Api, wanted_store: str | None, which: Which, options: str) -> list[str]:
    """Remove what is meant and return what was done, in lines."""
    store = await store_to_read(api, wanted_store)
    there = [(await name_of(api, file), file) async for file in files_in(api, store)]
    chosen = there if which.all_files else list(_chosen(which, there, f" --store {store.id}{options}"))
    taking, told = Taking(api, store), list[str]()
    for name, file in chosen:
        kept = await taking.out(file)
        stays = f" The file itself ({file.id}) stays: {clean_line(kept)}." if kept else ""
        told.append(f"Removed {clean_line(name or file.id)} from {_title(store)}.{stays}")
    if which.all_files:
        await api.delete(path_of(store), Deleted)
        told.append(f"Removed the vector store {_title(store)}.")
    return told or ["Nothing is gone from there."]


def _chosen(which: Which, there: Sequence[_Named], options: str) -> Iterator[_Named]:
    """Yield each file that is meant once; raises InvalidRequest for a name that none has, or several."""
    seen = set[str]()
    for wanted in which.names:
        for name, file in _gone(wanted, there) if which.gone else _matching(wanted, there, options):
            if file.id not in seen:
                seen.add(file.id)
                yield name, file


def _gone(wanted: str, there: Sequence[_Named]) -> list[_Named]:
    return [(name, file) for name, file in there if is_gone(file, [resolved(Path(wanted))])]


def _matching(wanted: str, there: Sequence[_Named], options: str) -> list[_Named]:
    """Return the file of this id; else those of this path, or in the folder of this path; else the one of this name."""
    by_id = [(name, file) for name, file in there if file.id == wanted]
    if found := by_id or [(name, file) for name, file in there if wanted and _is_at(name, resolved(Path(wanted)))]:
        return found
    found = [(name, file) for name, file in there if wanted and wanted in (name, Path(name).name)]
    if not found:
        raise InvalidRequest(
            f"No file in it has the id, name or path {wanted[:200]!r}. This lists them:\n  retinue files list{options}"
        )
    places = {name if Path(name).is_absolute() else f"{name} ({file.id})" for name, file in found}
    if len(places) > 1:
        raise InvalidRequest(
            f"{len(places)} files are called {wanted[:200]!r}: say which by its path or id.\n  "
            + "\n  ".join(sorted(places)[:_SHOWN])
        )
    return found


def _is_at(name: str, path: Path) -> bool:
    """Whether what a file is called is this path, or a path in this folder."""
    return Path(name).is_absolute() and Path(name).is_relative_to(path)


def _title(store: VectorStore) -> str:
    return clean_line(store.title, 60)
