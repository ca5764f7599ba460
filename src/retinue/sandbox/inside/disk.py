"""How much of a disk a session takes that has no file system of its own, and how it is brought back to its bounds."""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_DEEPEST = 64  # folders: what is deeper counts as too much
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class _TooMuch(Exception):
    """There is no need to look at more."""


@dataclass
class Taken:
    """What was found; looking ends where it is more than is allowed."""

    most_bytes: int
    most_files: int
    bytes: int = 0
    files: int = 0

    @property
    def too_much(self) -> bool:
        """Whether it is more than is allowed."""
        return self.bytes > self.most_bytes or self.files > self.most_files

    def add(self, about: os.stat_result) -> None:
        """Count one more."""
        self.bytes += about.st_blocks * 512
        self.files += 1
        if self.too_much:
            raise _TooMuch


def taken(folders: Iterable[str], processes: Iterable[int], *, most_bytes: int, most_files: int) -> Taken:
    """Return what lies below folders, and what has no name any more, while a process has it open."""
    found = Taken(most_bytes, most_files)
    with suppress(_TooMuch):
        for folder in folders:
            _count(folder, None, _DEEPEST, found)
        for about in _nameless(processes):
            found.add(about)
    return found


def trim(folders: Iterable[str], *, most_bytes: int, most_files: int) -> None:
    """Take away the files that were written last, until there are as few as are allowed; else all.

    Nothing may be at work in the folders.
    """
    folders = list(folders)
    everything = [file for folder in folders for file in _files(folder, _DEEPEST)]
    size, count = sum(file[1] for file in everything), len(everything)
    for _, took, path in sorted(everything, reverse=True):
        if size <= most_bytes and count <= most_files:
            break
        with suppress(OSError):
            Path(path).unlink()
            size, count = size - took, count - 1
    if taken(folders, (), most_bytes=most_bytes, most_files=most_files).too_much:
        for folder in folders:
            remove(folder, itself=False)


def remove(folder: str, *, itself: bool = True) -> None:
    """Take a folder away with all that is in it, however deep; what can't be taken away stays.

    Folders within come out beside it first: paths stay short, and are out of reach for whoever was let into it alone.
    """
    places, number = [folder], 0
    while places:
        place = places.pop()
        with suppress(OSError):
            for entry in _entries(place):
                if entry.is_dir(follow_symlinks=False):
                    number += 1
                    places.append(_moved(entry.path, f"{folder}.{number}"))
                else:
                    Path(entry.path).unlink()
        if place != folder or itself:
            with suppress(OSError):
                Path(place).rmdir()


def _count(name: str, above: int | None, deepest: int, found: Taken) -> None:
    if not deepest:
        found.files = found.most_files + 1
        raise _TooMuch
    try:
        folder = os.open(name, _FOLDER, dir_fd=above)
    except PermissionError as fault:  # closed by its own mode, which doesn't keep the one who made it from writing
        found.files = found.most_files + 1
        raise _TooMuch from fault
    except OSError:
        return  # gone meanwhile
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    found.add(entry.stat(follow_symlinks=False))
                    if entry.is_dir(follow_symlinks=False):
                        _count(entry.name, folder, deepest - 1, found)
    finally:
        os.close(folder)


def _nameless(processes: Iterable[int]) -> Iterator[os.stat_result]:
    seen = set()
    for pid in processes:
        with suppress(OSError):
            for number in os.listdir(f"/proc/{pid}/fd"):  # noqa: PTH208
                with suppress(OSError):
                    about = Path(f"/proc/{pid}/fd/{number}").stat()
                    known = (about.st_dev, about.st_ino)
                    if stat.S_ISREG(about.st_mode) and about.st_nlink == 0 and known not in seen:
                        seen.add(known)
                        yield about


def _files(folder: str, deepest: int) -> Iterator[tuple[int, int, str]]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if deepest:
                    yield from _files(entry.path, deepest - 1)
            else:
                about = entry.stat(follow_symlinks=False)
                yield about.st_mtime_ns, about.st_blocks * 512, entry.path


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _moved(path: str, to: str) -> str:
    try:
        Path(path).rename(to)
    except PermissionError:
        Path(path).chmod(0o700)
        Path(path).rename(to)
    if os.geteuid():  # root needs no mode
        Path(to).chmod(0o700)
    return to
