"""A thread as a Markdown file."""

import os
from collections.abc import Sequence
from pathlib import Path

from retinue.cli.chat.conversation import Exchange
from retinue.core.errors import InvalidRequest

_SPEAKERS = {"user": "You", "assistant": "Answer"}


def transcript(exchanges: Sequence[Exchange]) -> str:
    """Return all that was said, each under its speaker."""
    return "\n".join(f"## {_SPEAKERS[exchange.role]}\n\n{exchange.text.strip()}\n" for exchange in exchanges)


def save(name: str, text: str, *, over: bool) -> Path:
    """Write a file for the user's eyes alone and return its path.

    Raises InvalidRequest where there is one already, unless told to write `over` it.
    """
    path = Path(name).expanduser()
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if over else os.O_EXCL)
    try:
        with open(os.open(path, flags, 0o600), "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            file.write(text)
    except FileExistsError:
        raise InvalidRequest(f"{path} exists already. Write over it with: /save -f {path}") from None
    except OSError as error:
        raise InvalidRequest(f"{path} can't be written: {error.strerror}.") from error
    return path
