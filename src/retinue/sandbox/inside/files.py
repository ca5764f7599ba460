"""The session's files, as whoever keeps them sees them: names, links and kinds of files are the model's doing."""

import errno
import itertools
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_HERE = "."
"""A keeper stays in the folder that the session's files lie in."""
_DEEPEST = 16  # folders
_ROOT = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ADDING = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class Kept:
    """A file that can be collected: a regular one, with one name."""

    path: str
    """Below the folder of the session's files."""
    size: int
    changed_ns: int


def listed(most: int, named: int) -> list[Kept]:
    """Return the session's files, so many at most, by their paths, which take so many characters at most.

    Each character takes up to six in a frame.
    """
    root = os.open(_HERE, _ROOT)
    try:
        found: list[Kept] = []
        room = named
        for kept in itertools.islice(_below(root, "", _DEEPEST), most):
            room -= len(kept.path)
            if room < 0:
                break
            found.append(kept)
        return sorted(found, key=lambda kept: kept.path)
    finally:
        os.close(root)


def read(path: str, most: int) -> bytes:
    """Return what a file holds; raises OSError, EFBIG where that is more than `most` bytes."""
    with _folder_of(path) as (folder, name):
        at = os.open(name, _READING, dir_fd=folder)
    try:
        about = os.fstat(at)
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
            raise OSError(errno.EINVAL, "not a file of its own")
        if about.st_size > most:
            raise OSError(errno.EFBIG, f"of {about.st_size:,} bytes, more than {most:,}")
        content = bytearray()
        while len(content) < most and (piece := os.read(at, min(1 << 20, most - len(content)))):
            content += piece
        return bytes(content)
    finally:
        os.close(at)


def write(path: str, content: bytes, *, more: bool = False) -> None:
    """Put a file there, in the place of whatever has that name, or `more` at its end; raises OSError."""
    with _folder_of(path, make=True) as (folder, name):
        if not more:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
        at = os.open(name, _ADDING if more else _WRITING, 0o644, dir_fd=folder)
        with os.fdopen(at, "wb") as file:
            if not stat.S_ISREG(os.fstat(at).st_mode) or os.fstat(at).st_nlink != 1:
                raise OSError(errno.EINVAL, "not a file of its own")
            file.write(content)


def remove(path: str) -> None:
    """Take away whatever has that name and is no folder, if it is there; raises OSError."""
    with suppress(FileNotFoundError), _folder_of(path) as (folder, name):
        os.unlink(name, dir_fd=folder)


@contextmanager
def _folder_of(path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder that a file lies in, step by step, so that none on the way is a link; and its name there."""
    *folders, name = path.split("/")
    if not {"", ".", ".."}.isdisjoint((*folders, name)) or not _is_one(path):
        raise OSError(errno.EINVAL, "not a path below the session's files")
    at = os.open(_HERE, _ROOT)
    try:
        for folder in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(folder, dir_fd=at)
            below = os.open(folder, _READING | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        yield at, name
    finally:
        os.close(at)


def _is_one(path: str) -> bool:
    """Return whether the system takes it at all: what it can't take is no OSError, and would be the keeper's end."""
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _below(folder: int, path: str, deepest: int) -> Iterator[Kept]:
    with os.scandir(folder) as entries:
        for entry in entries:
            about = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(about.st_mode) and about.st_nlink == 1:
                yield Kept(path + entry.name, about.st_size, about.st_mtime_ns)
            elif stat.S_ISDIR(about.st_mode) and deepest:
                with suppress(OSError):
                    yield from _within(folder, entry.name, path, deepest)


def _within(folder: int, name: str, path: str, deepest: int) -> Iterator[Kept]:
    below = os.open(name, _READING | os.O_DIRECTORY, dir_fd=folder)
    try:
        yield from _below(below, f"{path}{name}/", deepest - 1)
    finally:
        os.close(below)
