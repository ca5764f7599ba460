"""Where the files that a run gives to its code lie in `/mnt/data`."""

import itertools
from collections.abc import Sequence

from retinue.core.file import MAX_NAME, clean_name
from retinue.core.tools import ToolResources

FOLDER = "/mnt/data"
MAX_PATH_BYTES = 255  # what a Linux file system takes as a name


def given_files(run: ToolResources | None, thread: ToolResources | None) -> tuple[str, ...]:
    """Return the ids of the files that a run's code is given: its own first, which it has from its assistant."""
    resources = [given.code_interpreter or () for given in (run, thread) if given]
    return tuple(dict.fromkeys(id_ for ids in resources for id_ in ids))


def mounted_paths(files: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the path below `/mnt/data` of each file, by id; `files` are ids and names, in the order they are given.

    Every file has its own name, cleaned; where two have the same, the later ones bear their ids before it. So the
    path of a file does not depend on those that are added after it.
    """
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for id_, name in files:
        if id_ not in paths:
            paths[id_] = _free(id_, clean_name(name[-MAX_NAME:], param="name"), taken)
            taken.add(paths[id_])
    return paths


def _free(id_: str, name: str, taken: set[str]) -> str:
    if (path := _short(name)) not in taken:
        return path
    named = f"{clean_name(id_[-MAX_NAME:], param='id')}-{name}"
    tries = (_short(f"{count}-{named}" if count else named) for count in itertools.count())
    return next(path for path in tries if path not in taken)


def _short(name: str) -> str:
    """The name in as many bytes as a file's may have, with its ending: that tells what it is."""
    if len(name.encode()) <= MAX_PATH_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    ending = dot + ending if stem and len(ending.encode()) < 32 else ""
    stem = name[: len(name) - len(ending)]
    return stem.encode()[: MAX_PATH_BYTES - len(ending.encode())].decode(errors="ignore") + ending
