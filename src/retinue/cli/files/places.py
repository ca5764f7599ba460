"""Places: where a file lay when it was added, as its attributes in a vector store tell."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from retinue.cli.files.objects import Attributed, StoredFile

SHA256 = "sha256"
"""The attribute that tells what was in a file."""

_PATH, _PATH_SHA256 = "path", "path_sha256"
_LONGEST_VALUE = 512  # characters of an attribute: the API's bound


def resolved(path: Path) -> Path:
    """Return the one path that a file has, however it is named: links followed, without `..`."""
    return Path(os.path.realpath(path))  # Path.resolve raises on links that go around


def place_attribute(path: Path) -> tuple[str, str]:
    """Return the name and the value of the attribute for this path: a hash where it is too long, or no text."""
    text, raw = str(path), str(path).encode(errors="surrogateescape")
    if len(text) <= _LONGEST_VALUE and raw.decode(errors="ignore") == text:
        return _PATH, text
    return _PATH_SHA256, hashlib.sha256(raw).hexdigest()


def place_of(file: StoredFile) -> tuple[str, str] | None:
    """Return that attribute of a file; None where it was not added from a path."""
    return next(((name, value) for name in (_PATH, _PATH_SHA256) if (value := file.attribute(name))), None)


def path_of_file(file: Attributed) -> str:
    """Return where a file lay; empty where that isn't known."""
    return file.attribute(_PATH)


def was_added(file: StoredFile) -> bool:
    """Whether a command of `retinue files` or `retinue chat -f` put it there."""
    return place_of(file) is not None and bool(file.attribute(SHA256))


def is_gone(file: StoredFile, folders: Sequence[Path]) -> bool:
    """Whether it lay in one of these folders, and nothing lies there any more."""
    path = Path(path_of_file(file) or "unknown")
    return any(path.is_relative_to(folder) for folder in folders) and not os.path.lexists(path)


def told_apart(paths: Mapping[str, str]) -> dict[str, str]:
    """Return the ends of those paths whose last part is that of others, as long as it takes to tell them apart."""
    alike: dict[str, dict[str, PurePath]] = {}
    for key, path in paths.items():
        alike.setdefault(PurePath(path).name, {})[key] = PurePath(path)
    return {key: end for group in alike.values() if len(set(group.values())) > 1 for key, end in _ends(group).items()}


def _ends(group: Mapping[str, PurePath]) -> dict[str, str]:
    """Return the shortest ends by which all these paths differ."""
    several = len(set(group.values()))
    longest = max(len(path.parts) for path in group.values())
    for length in range(2, longest + 1):
        ends = {key: "/".join(path.parts[-length:]) for key, path in group.items()}
        if len(set(ends.values())) == several:
            return ends
    return {key: str(path) for key, path in group.items()}
