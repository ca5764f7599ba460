"""The folder that a fork server's sessions have their own in, and what is left of those of servers that were killed."""

import fcntl
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from retinue.sandbox.inside import disk

_PREFIX = "retinue-sandbox-"


def made(place: str) -> tuple[str, int]:
    """Return a new folder, and a file that keeps others from clearing it away while anybody has it open."""
    while True:
        folder = tempfile.mkdtemp(prefix=_PREFIX, dir=place)
        lock = _locked(folder)
        if lock is not None and Path(folder).exists():
            return folder, lock
        if lock is not None:
            os.close(lock)


def clear_away(place: str) -> None:
    """Remove the folders of this user that nobody has any more."""
    with os.scandir(place) as entries:
        found = [entry.path for entry in entries if entry.name.startswith(_PREFIX)]
    for folder in found:
        with suppress(OSError):
            about = os.lstat(folder)
            if about.st_uid == os.geteuid() and stat.S_ISDIR(about.st_mode):
                _remove(folder)


def _remove(folder: str) -> None:
    lock = _locked(folder)
    if lock is not None:
        disk.remove(folder)
        os.close(lock)


def _locked(folder: str) -> int | None:
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
