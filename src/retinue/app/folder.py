"""The data folder: what lies where in it, and that one process has it at a time."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from retinue.core.errors import FolderInUse, NotStarted

DATABASE = "retinue.db"
BLOBS = "blobs"
INDEXES = "indexes"
"""Made anew from the database where it is missing: a backup leaves it out."""
LOCK = "retinue.lock"
OWNER = "retinue.pid"
ENTRY = "retinue.server"

_LOOK_S, _POLL_S = 0.2, 0.02  # whoever looks whether the folder is held has it for an instant


@contextlib.contextmanager
def hold(data: Path) -> Iterator[None]:
    """Hold the data folder, made if need be, for this process alone; raises FolderInUse if another one has it."""
    lock = FileLock(data / LOCK, timeout=_LOOK_S)
    owner, entry = data / OWNER, data / ENTRY
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)  # what people say is nobody else's business
        lock.acquire(poll_interval=_POLL_S)
    except Timeout:
        raise FolderInUse(
            f"Another Retinue{owner_of(data)} has the data folder {data}: it serves it, a terminal talks in it, or an "
            "import is under way. "
            "Stop it, wait for it, or choose another folder with --data."
        ) from None
    except OSError as error:
        lock.release()
        raise NotStarted(
            f"The data folder {data} can't be used ({error.strerror}). Choose another one with --data."
        ) from error
    try:
        with contextlib.suppress(OSError):
            entry.unlink()  # of a server that was killed
        with contextlib.suppress(
            OSError
        ):  # a courtesy to whoever is refused; a full disk must not keep us from serving
            owner.write_text(str(os.getpid()))
        yield
    finally:
        for file in (entry, owner):
            with contextlib.suppress(OSError):
                file.unlink()
        lock.release()


def is_held(data: Path) -> bool:
    """Return whether a process has the folder."""
    try:
        with FileLock(data / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # none that could be held
        return False


def has_database(data: Path) -> bool:
    """Return whether anything was ever stored in the folder."""
    return (data / DATABASE).is_file()


def owner_of(data: Path) -> str:
    """Return who has the folder, for a sentence; empty where nobody knows."""
    with contextlib.suppress(OSError, ValueError):
        return f" (process {(data / OWNER).read_text()[:10]})"
    return ""
