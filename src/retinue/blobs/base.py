"""The seam to a store of bytes: streamed in, streamed out, whole or not there.

A blob has one owner, the row that names it; two files with the same bytes are two blobs. See docs/decisions.
"""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from msgspec import Struct


class Blob(Struct, frozen=True, kw_only=True):
    """Bytes that were put, and are durable."""

    id: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""


class Blobs(Protocol):
    """Keeps bytes by id."""

    async def put(self, pieces: AsyncIterable[bytes], *, limit: int | None = None) -> Blob:
        """Store what the pieces amount to; when this returns it survives a power cut.

        Raises BlobTooLarge above `limit` bytes, StoreFull without room. Nothing stays of what was not finished.
        """
        ...

    def open(self, id_: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """Yield the bytes from `start` up to `end`, excluded; raises BlobMissing.

        Who may not read to the end closes it (`contextlib.aclosing`): an open file keeps its room on the disk.
        """
        ...

    def as_file(self, id_: str) -> AbstractAsyncContextManager[Path]:
        """Give a file of this machine with the bytes, for a program that reads files; raises BlobMissing.

        It is only to be read, and may be gone afterwards.
        """
        ...

    async def delete(self, id_: str) -> None:
        """Delete a blob; one that isn't there is no error."""
        ...

    def earlier(self) -> AsyncIterator[Sequence[str]]:
        """Yield, some hundred at a time, the ids of the blobs that were there before this process began.

        None that this process put is among them, so that what nobody owns of them was left by a crash. Once is enough:
        iterating a second time yields nothing.
        """
        ...
