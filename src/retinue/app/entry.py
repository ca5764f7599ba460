"""The way into a running server for whoever may read its data folder: a file beside the lock, for its owner alone."""

import contextlib
import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from retinue.app.folder import ENTRY, is_held

_LONGEST = 4096  # bytes


class Entry(Struct, frozen=True, kw_only=True):
    """What the file says. It holds only while the folder's lock is held: a server that was killed leaves its file."""

    pid: int
    url: str
    """Where this machine finds the server."""
    secret: str
    """Made anew at each start; see `gateway.owner`."""
    version: str
    """Of the server's Retinue."""


def new_secret() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_urlsafe(32)


def write_entry(data: Path, entry: Entry) -> None:
    """Write the file whole or not at all, readable for its owner alone; raises OSError."""
    unfinished = data / f"{ENTRY}.new"
    unfinished.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.encode(entry))
        unfinished.replace(data / ENTRY)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise


def remove_entry(data: Path) -> None:
    """Remove the file: the server takes nobody in any more."""
    with contextlib.suppress(OSError):
        (data / ENTRY).unlink()


def entry_in_force(data: Path) -> Entry | None:
    """Return what the file says while a server has the folder; of one that was killed, a stranger may have the port."""
    entry = read_entry(data)
    return entry if entry and is_held(data) else None


def still_serves(data: Path, entry: Entry) -> bool:
    """Return whether the server of an entry may still be there. One that is about to end removes its file first."""
    found = read_entry(data)
    return (found is None or found.secret == entry.secret) and is_held(data)


def read_entry(data: Path) -> Entry | None:
    """Return what the file says; None where there is none, or none that can be read."""
    try:
        with (data / ENTRY).open("rb") as file:
            return msgspec.json.decode(file.read(_LONGEST), type=Entry)
    except (OSError, ValueError):
        return None
