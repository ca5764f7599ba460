"""Places: where a file lay when it was added, as its attributes in a vector store tell."""

import hashlib
from pathlib import Path

from retinue.cli.files.objects import StoredFile

_PATH, _PATH_SHA256 = "path", "path_sha256"
_LONGEST_VALUE = 512  # characters of an attribute: the API's bound


def place_attribute(path: Path) -> tuple[str, str]:
    """Return the name and the value of the attribute for this path: a hash where it is too long, or no text."""
    text, raw = str(path), str(path).encode(errors="surrogateescape")
    if len(text) <= _LONGEST_VALUE and raw.decode(errors="ignore") == text:
        return _PATH, text
    return _PATH_SHA256, hashlib.sha256(raw).hexdigest()


def place_of(file: StoredFile) -> tuple[str, str] | None:
    """Return that attribute of a file; None where it was not added from a path."""
    return next(((name, value) for name in (_PATH, _PATH_SHA256) if (value := file.attribute(name))), None)


def path_of_file(file: StoredFile) -> str:
    """Return where a file lay; empty where that isn't known."""
    return file.attribute(_PATH)
