"""Which files a command means: those that are named, and what can be read in folders that are named."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from retinue.cli.files.places import resolved
from retinue.core.errors import InvalidRequest

_LONGEST = 512 << 20  # bytes of a file that can be searched: the API's bound
_FOLDERS = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
"""Folders that hold what programs put there."""
_ENDINGS = (
    "7z a avi avif bin bmp bz2 class db dll dmg dylib ear eot exe flac gif gz heic icns ico iso jar jpeg jpg m4a mkv "
    "mov mp3 mp4 o obj ogg onnx otf parquet png pyc pyd rar so sqlite svgz tar tgz tif tiff ttf wasm wav webm webp whl "
    "woff woff2 xz zip zst"
)
_NO_TEXT = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Endings of files that hold no text."""


class Skipped(Struct, frozen=True):
    """What stands in a folder and is not tried."""

    name: str
    why: str


class Gathered(Struct, frozen=True):
    """What was found."""

    files: tuple[Path, ...]
    """In the order of the paths, then of their names; each once."""
    skipped: tuple[Skipped, ...] = ()
    folders: tuple[Path, ...] = ()
    """The folders that were named."""


def gather(paths: Sequence[Path]) -> Gathered:
    """Return the files of these paths, folders with all that is in them; raises InvalidRequest for what isn't there."""
    files: dict[Path, None] = {}
    skipped: list[Skipped] = []
    for path in paths:
        for found in _at(path):
            match found:
                case Skipped():
                    skipped.append(found)
                case _:
                    files[resolved(found)] = None
    folders = tuple(resolved(path) for path in paths if path.is_dir())
    return Gathered(tuple(files), tuple(skipped), folders)


def _at(path: Path) -> Iterator[Path | Skipped]:
    if path.is_dir():
        yield from _in_folder(path)
    elif path.is_file():
        why = _why_not_read(path)
        yield Skipped(str(path), why) if why else path
    else:
        raise InvalidRequest(f"There is no file or folder {str(path)!r}.")


def _in_folder(folder: Path) -> Iterator[Path | Skipped]:
    for root, folders, names in os.walk(folder):
        here = Path(root)
        for name in sorted(folders):
            if why := _why_no_folder(here / name):
                folders.remove(name)
                yield Skipped(f"{here / name}/", why)
        folders.sort()
        for name in sorted(names):
            why = _why_no_file(here / name)
            yield Skipped(str(here / name), why) if why else here / name


def _why_no_folder(path: Path) -> str:
    if path.name.startswith("."):
        return "hidden"
    if path.name in _FOLDERS:
        return "programs' own"
    return "a link" if path.is_symlink() else ""


def _why_no_file(path: Path) -> str:
    if path.name.startswith("."):
        return "hidden"
    if path.is_symlink():
        return "a link"
    return _why_not_read(path) if path.is_file() else "no file"


def _why_not_read(path: Path) -> str:
    if path.suffix.lower() in _NO_TEXT:
        return "a type that is not read"
    size = path.stat().st_size
    return "over 512 MB" if size > _LONGEST else "" if size else "empty"
