"""Files that are there whole or not at all, whatever is killed meanwhile."""

import os
from collections.abc import Iterable
from pathlib import Path

ASIDE = ".new"
"""How the name of a file ends that is not whole yet."""


def write_whole(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file, or leave the one that is there: aside, synced, then renamed."""
    aside = path.with_name(path.name + ASIDE)
    with aside.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def delete_others(folder: Path, *, kept: set[str], suffix: str) -> None:
    """Delete the files of a kind, whole or not, that have none of these names. Who has one open may go on reading."""
    for path in folder.iterdir():
        if path.name not in kept and path.suffix in (suffix, ASIDE):
            path.unlink(missing_ok=True)
