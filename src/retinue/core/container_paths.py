"""Under which paths files stand in containers."""

from collections.abc import Container as Some
from pathlib import PurePosixPath

from retinue.core.file import clean_name

FOLDER = "/mnt/data"
"""Where code finds a container's files."""
MAX_FILES = 1_000
"""Of one container."""
MAX_PATH_BYTES = 1_024
_MAX_NAME_BYTES = 255  # of one part of a path, as Linux has it
_LONGEST_SUFFIX = 32  # characters; it stays where a name is cut


def file_path(name: str, id_: str, taken: Some[str] = frozenset()) -> str:
    """Return under which path a stored file comes into a container: its name, with its id in front where that is taken.

    A name is cut to what a file system takes, before its suffix.
    """
    path, count = _cut(clean_name(name, param="file")), 0
    while path in taken:
        count += 1
        again = "" if count == 1 else f"{count}-"
        path = _cut(clean_name(f"{again}{id_}-{name}"[-512:], param="file"))
    return path


def is_path(path: str) -> bool:
    """Whether a file can stand there: below the folder, in bounds, without what can't be stored."""
    try:
        parts = [part.encode() for part in path.split("/")]
    except UnicodeEncodeError:  # half of a surrogate pair: bytes that are no text
        return False
    if "\x00" in path or sum(map(len, parts)) + len(parts) - 1 > MAX_PATH_BYTES:
        return False
    return all(0 < len(part) <= _MAX_NAME_BYTES and part not in (b".", b"..") for part in parts)


def _cut(name: str) -> str:
    suffix = PurePosixPath(name).suffix
    if len(suffix) > _LONGEST_SUFFIX:
        suffix = ""
    stem, room = name.removesuffix(suffix), _MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix
