"""Containers: the folder `/mnt/data` of a thread, or of one that a caller made, whatever session has it open."""

from typing import Literal

from msgspec import Struct

from retinue.core.file import File

EXPIRES_MINUTES = 20
"""Contract: a container that a caller made expires so long after its last use."""

MemoryLimit = Literal["1g", "4g", "16g", "64g"]
Source = Literal["user", "assistant"]


class Container(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A folder of files that code reads and writes. A thread's lasts as long as the thread."""

    id: str
    created_at: float
    name: str
    last_active_at: float
    thread_id: str | None = None
    """Whose it is; None of one that a caller made."""
    expires_minutes: int | None = EXPIRES_MINUTES
    """After its last use; None of a thread's, which does not expire."""
    memory_limit: MemoryLimit = "1g"
    """As the caller asked: what holds is the server's own."""

    def is_over(self, now: float) -> bool:
        """Whether it has expired: its files are gone, or about to be."""
        return self.expires_minutes is not None and now >= self.last_active_at + 60 * self.expires_minutes


class ContainerFile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of a container's: stored bytes under a path."""

    id: str
    container_id: str
    created_at: float
    path: str
    """Below `/mnt/data`. Data from outside."""
    size: int
    """Bytes."""
    sha256: str
    source: Source
    file_id: str | None = None
    """The stored file whose bytes it has; deleted with that."""
    blob: str | None = None
    """Else its own bytes."""


class Collected(Struct, frozen=True, kw_only=True):
    """What code left behind, to be stored together with what its call came to."""

    container: Container
    """As it is now: just used."""
    files: tuple[File, ...] = ()
    """New ones: charts, and what was written."""
    placed: tuple[ContainerFile, ...] = ()
    """In the place of those of the same path, if there are such."""
    removed: tuple[str, ...] = ()
    """Paths that are no more."""
