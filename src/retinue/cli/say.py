"""What commands print."""

import shutil
import sys
from typing import TextIO

import typer

from retinue.cli.clean import clean
from retinue.cli.wrapping import Wrapping

_COMMAND = "  retinue "
"""How a line begins that is a command to be copied: it stays whole."""


def say(text: str = "", *, err: bool = False, colour: str | None = None) -> None:
    """Print text for people, with nothing in it that a terminal would obey: names in it come from outside.

    On a terminal its lines are broken between words, but for commands that are to be copied.
    """
    typer.secho(fitted(clean(text), sys.stderr if err else sys.stdout), err=err, fg=colour)


def fitted(text: str, stream: TextIO | None) -> str:
    """Return the text as it is to be written there: see `say`."""
    if stream is None or not stream.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(line if line.startswith(_COMMAND) else _broken(line, width) for line in text.split("\n"))


def _broken(line: str, width: int) -> str:
    """Break a line, what follows standing as far in as it does."""
    words = line.lstrip(" ")
    indent = " " * (len(line) - len(words))
    return "\n".join(indent + part for part in Wrapping().wrapped(words, width - len(indent)).split("\n"))
