"""Under which paths files stand in containers."""

import itertools
from collections.abc import Container as Some
from collections.abc import Sequence
from pathlib import PurePosixPath

from retinue.core.file import MAX_NAME, clean_name

FOLDER = "/mnt/data"
"""Where code finds a container's files."""
MAX_FILES = 1_000
"""Of one container."""
MAX_PATH_BYTES = 1_024
MAX_NAME_BYTES = 255
"""Of one part of a path, as Linux has it."""
_LONGEST_SUFFIX = 32  # characters; it stays where a name is cut


def file_path(name: str, id_: str, taken: Some[str] = frozenset()) -> str:
    """Return under which path a stored file comes into a container: its name, with its id in front where that is taken.

    A name is cut to what a file system takes, before its suffix. Raises InvalidRequest for one of more than MAX_NAME.
    """
    clean = clean_name(name, param="file")
    if (path := _cut(clean)) not in taken:
        return path
    named = f"{clean_name(id_[-MAX_NAME:], param='id')}-{clean}"
    tries = (_cut(named if count == 1 else f"{count}-{named}") for count in itertools.count(1))
    return next(path for path in tries if path not in taken)


def mounted_paths(files: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the path of each file that a run is given, by id; `files` are ids and names, in the order they are given.

    The path of a file does not depend on those that are added after it.
    """
    paths: dict[str, str] = {}
    taken: set[str] = set()
    for id_, name in files:
        if id_ not in paths:
            paths[id_] = file_path(name[-MAX_NAME:], id_, taken)
            taken.add(paths[id_])
    return paths


def is_path(path: str) -> bool:
    """Whether a file can stand there: below the folder, in bounds, without what can't be stored."""
    try:
        parts = [part.encode() for part in path.split("/")]
    except UnicodeEncodeError:  # half of a surrogate pair: bytes that are no text
        return False
    if "\x00" in path or sum(map(len, parts)) + len(parts) - 1 > MAX_PATH_BYTES:
        return False
    return all(0 < len(part) <= MAX_NAME_BYTES and part not in (b".", b"..") for part in parts)


def _cut(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    if len(suffix) > _LONGEST_SUFFIX:
        suffix = ""
    stem, room = name.removesuffix(suffix), MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix
