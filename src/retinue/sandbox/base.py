"""The seam to where the model's code runs."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from msgspec import Struct

from retinue.core.errors import RetinueError

MOST_FILES = 1_000
"""Of a session that are listed: where there are so many, there may be more."""
MOST_NAMED = 120_000
"""Characters of the paths of all that are listed."""
_LONGEST_PATH = 5_000  # characters, at least: of what may have found no room there
MOST_DRAWN, MOST_DRAWN_BYTES = 20, 20 << 20
"""Charts of one call, and their bytes together."""
LONGEST_ERROR = 20_000
"""Characters of what went wrong that are kept: of a traceback the end."""
PNG = b"\x89PNG\r\n\x1a\n"
"""How a chart begins."""


class Limits(Struct, frozen=True, kw_only=True):
    """What a session may use."""

    call_s: float = 60.0
    """How long one call may take."""
    memory_bytes: int = 512 << 20
    """Of all its processes together, beside what libraries take that all sessions share."""
    disk_bytes: int = 256 << 20
    """Of its files, and as much again of scratch."""
    inodes: int = 20_000
    processes: int = 64
    output_bytes: int = 256 << 10
    """Of what a call prints: more is counted and not kept."""
    file_bytes: int = 30 << 20
    """Of a file that is collected."""


class Printed(Struct, frozen=True):
    """Some of what the code prints, as it comes."""

    text: str


class Drawn(Struct, frozen=True):
    """A chart that was open when the code ended."""

    png: bytes


class Ended(Struct, frozen=True, kw_only=True):
    """The last of what a call gives."""

    error: str | None = None
    """What the model is told of what went wrong: a traceback of its own code, or a sentence."""
    left_out: int = 0
    """Bytes that were printed and not kept."""
    charts_left_out: int = 0
    """Charts that were too many or too large, or no pictures."""


Output = Printed | Drawn | Ended


class Kept(Struct, frozen=True, kw_only=True):
    """A file of a session."""

    path: str
    """Below `/mnt/data`. Names are the code's: they may hold whatever a system takes."""
    size: int
    changed_ns: int
    """When it was written, by its clock: tells whether it is another one than before."""


def are_all(files: Sequence[Kept]) -> bool:
    """Return whether a session that lists these surely has no others."""
    return len(files) < MOST_FILES and sum(len(file.path) for file in files) < MOST_NAMED - _LONGEST_PATH


class SandboxFault(RetinueError):
    """The code can't be run: the message says why, and what to do."""


class SessionLost(SandboxFault):
    """The session is gone with its memory and its files; open another one."""


class Session(Protocol):
    """A Python that keeps its names from call to call, and a folder of files. One call at a time."""

    def run(self, code: str) -> AsyncIterator[Output]:
        """Run code and yield what it gives, `Ended` last; raises SessionLost."""
        ...

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        """Put a file into `/mnt/data`, in the place of one of that name, or `more` at its end; raises SandboxFault.

        At most 64 MB at a time.
        """
        ...

    async def read(self, path: str) -> bytes:
        """Return a file's content; raises SandboxFault, as for one that is too large to be collected."""
        ...

    async def remove(self, path: str) -> None:
        """Take a file away, if it is there; raises SandboxFault."""
        ...

    async def files(self) -> list[Kept]:
        """Return the session's files by their paths: regular ones, with one name each, as many as are listed."""
        ...

    async def close(self) -> None:
        """End all that runs in it, and let go of its files."""
        ...


class Sandbox(Protocol):
    """Where sessions are opened."""

    async def open(self) -> Session:
        """Return a fresh session; raises SandboxFault."""
        ...

    async def close(self) -> None:
        """End every session."""
        ...


class NoSandbox:
    """Of a server that runs no code."""

    async def open(self) -> Session:
        """Raise SandboxFault."""
        raise SandboxFault("This server runs no code: it has no sandbox.")

    async def close(self) -> None:
        """Do nothing: there are no sessions."""
