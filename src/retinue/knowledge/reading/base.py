"""What reading a file gives: windows of its text, or a sentence that says why there are none."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from retinue.core.errors import RetinueError

HINDERED = "This server's system does not let the file be read ({}); the server's log says more."
"""With what the system says, in a sentence for people."""

FailureCode = Literal["unsupported_file", "invalid_file", "server_error"]


class Window(Struct, frozen=True, array_like=True):
    """A stretch of a file's text that is embedded as one; the texts of all, joined, are the file's."""

    number: int
    """From 0 on, in the order of the text."""
    page: int | None
    """The page, slide or sheet that it stands on, from 1 on; None in a file without any."""
    text: str


class Batch(Struct, frozen=True, array_like=True, tag=True):
    """Some windows, one after another."""

    windows: Sequence[Window]
    terms: bytes
    """The terms of these windows, as `words.pack` packs them."""
    of: int = 0
    """How many windows the whole file has; 0 where that is not known before its end."""


class Unreadable(RetinueError):
    """The file can't be read; the message says what is wrong with it and what to do.

    The codes are the contract's: `unsupported_file`, of a type that is not read; `invalid_file`, damaged, encrypted,
    without text or made to harm; `server_error`, more than this server's memory, time or installation gives.
    """

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message, code=code)
        self.failure: FailureCode = code


class ReadingFault(RetinueError):
    """Files can't be read now; later, perhaps. The message is a sentence for people."""


class ReadingStopped(RetinueError):
    """The server stops, and the file was left; it can be read on later."""
