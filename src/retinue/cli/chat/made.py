"""What code made in an answer: charts and files, and how they get into a folder."""

import re
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO

from retinue.cli.chat.conversation import Made
from retinue.cli.clean import clean_line
from retinue.core.errors import InvalidRequest

_LONGEST_NAME = 100  # characters
_MOST_TRIES = 1_000  # names like `chart-2.png` that are tried
_UNSAFE = re.compile(r"[^\w.()+ -]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # devices, on Windows

Content = Callable[[str], AsyncGenerator[bytes, None]]
"""Gives what is in the file of an id."""


async def save_made(made: Sequence[Made], folder: Path, content: Content) -> list[Path]:
    """Write charts and files into a folder, which is made where there is none, over nothing that is there already.

    Returns where they are. Raises InvalidRequest for what can't be written.
    """
    try:
        _make(folder)
        return [await _saved(one, folder, content) for one in made]
    except OSError as error:
        raise InvalidRequest(f"{folder} can't be written: {error.strerror}.") from error


def safe_name(name: str) -> str:
    """Return a name for a file that stays in its folder, whatever a model called it."""
    last = re.split(r"[/\\]", name)[-1]
    cleaned = _UNSAFE.sub("_", clean_line(last, 4_000)).strip(". ")
    stem, dot, ending = cleaned.rpartition(".")
    room = _LONGEST_NAME - len(ending) - 1
    cut = f"{stem[:room]}{dot}{ending}" if stem and room > 0 else cleaned[:_LONGEST_NAME]
    return f"_{cut}" if _RESERVED.match(cut) or cut.startswith("-") else cut or "file"


async def _saved(made: Made, folder: Path, content: Content) -> Path:
    path, file = _new(folder, safe_name(made.name))
    try:
        with file:
            async with aclosing(content(made.file_id)) as pieces:
                async for piece in pieces:
                    file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _new(folder: Path, name: str) -> tuple[Path, BinaryIO]:
    """Make a file of this name, or of the next that is free."""
    stem, dot, ending = name.rpartition(".") if "." in name[1:] else (name, "", "")
    for number in range(1, _MOST_TRIES):
        path = folder / (name if number == 1 else f"{stem}-{number}{dot}{ending}")
        try:
            return path, path.open("xb")
        except FileExistsError:
            continue
    raise InvalidRequest(f"There are too many files like {name} in {folder}: name another folder.")
