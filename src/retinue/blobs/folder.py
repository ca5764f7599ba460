"""Blobs as files in a folder: written aside, synced, then renamed to where they are found.

Whatever touches the disk, and the hashing, runs in worker threads: nothing here blocks the event loop.
"""

import asyncio
import contextlib
import errno
import hashlib
import os
import re
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from pathlib import Path
from typing import IO, TypeVar

from retinue.blobs.base import Blob
from retinue.core.errors import BlobMissing, BlobTooLarge, StoreFault, StoreFull, StoreUnavailable
from retinue.core.ids import new_id
from retinue.system.threads import finished

T = TypeVar("T")

PARTIAL = "partial"
"""The subfolder of what is being written."""

_PIECE = 1 << 20  # bytes that one trip to a thread writes or reads
_BATCH = 200  # ids that are yielded together
_ID = re.compile(r"blob_[0-9A-Za-z]{24}")


class BlobFolder:
    """Keeps blobs under a folder, spread over 3,844 subfolders by the first characters of their ids."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partial = root / PARTIAL
        self._partial.mkdir(parents=True, exist_ok=True)
        for left in self._partial.iterdir():  # what a process before this one did not finish
            left.unlink()
        self._born: set[str] | None = set()
        """What this process has put, while anybody may still ask for what was there before it."""

    async def put(self, pieces: AsyncIterable[bytes], *, limit: int | None = None) -> Blob:
        """See `Blobs.put`."""
        id_ = new_id("blob")
        aside = self._partial / id_
        writing = _Writing(aside)
        try:
            try:
                async for block in _gathered(pieces, limit):
                    await finished(asyncio.to_thread(writing.write, block))
                await finished(asyncio.to_thread(writing.sync))
            finally:
                await finished(asyncio.to_thread(writing.close))
            if self._born is not None:
                self._born.add(id_)
            await finished(asyncio.to_thread(self._move_in, aside, id_))
        except OSError as error:
            raise _fault(error) from error
        finally:
            await finished(asyncio.to_thread(aside.unlink, missing_ok=True))
        return Blob(id=id_, size=writing.size, sha256=writing.digest.hexdigest())

    async def open(self, id_: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """See `Blobs.open`."""
        reading = _Reading(self._path(id_), start, end)
        try:
            while piece := await finished(asyncio.to_thread(reading.read)):
                yield piece
        except FileNotFoundError as error:
            raise _missing(id_) from error
        except OSError as error:
            raise StoreUnavailable(f"The file can't be read now: {error.strerror}. Try again.") from error
        finally:
            reading.close()

    @contextlib.asynccontextmanager
    async def as_file(self, id_: str) -> AsyncIterator[Path]:
        """See `Blobs.as_file`: the very file."""
        path = self._path(id_)
        if not await asyncio.to_thread(path.is_file):
            raise _missing(id_)
        yield path

    async def delete(self, id_: str) -> None:
        """See `Blobs.delete`."""
        await asyncio.to_thread(self._path(id_).unlink, missing_ok=True)

    async def earlier(self) -> AsyncIterator[Sequence[str]]:
        """See `Blobs.earlier`."""
        born = self._born
        if born is None:
            return
        found: list[str] = []
        for folder in await asyncio.to_thread(_names, self._root):
            if folder == PARTIAL:
                continue
            names = await asyncio.to_thread(_names, self._root / folder)
            found += [name for name in names if _ID.fullmatch(name) and name[5:7] == folder and name not in born]
            while len(found) >= _BATCH:
                yield found[:_BATCH]
                del found[:_BATCH]
        self._born = None
        if found:
            yield found

    def _path(self, id_: str) -> Path:
        if not _ID.fullmatch(id_):
            raise BlobMissing(f"{id_!r} is no id of a blob.")
        return self._root / id_[5:7] / id_

    def _move_in(self, aside: Path, id_: str) -> None:
        path = self._path(id_)
        path.parent.mkdir(exist_ok=True)
        aside.rename(path)
        _sync_folder(path.parent)
        _sync_folder(self._root)


class _Writing:
    """A file that is being written, made with the first block, and its hash. Used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self.digest = hashlib.sha256()
        self.size = 0

    def write(self, block: list[bytes]) -> None:
        file = self._opened()
        for piece in block:
            file.write(piece)
            self.digest.update(piece)
            self.size += len(piece)

    def sync(self) -> None:
        file = self._opened()
        file.flush()
        os.fsync(file.fileno())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            self._file = self._path.open("xb")
        return self._file


class _Reading:
    """A stretch of a file that is being read; opened with the first piece. Used by one thread at a time."""

    def __init__(self, path: Path, start: int, end: int | None) -> None:
        self._path, self._start = path, start
        self._left = None if end is None else end - start
        self._file: IO[bytes] | None = None

    def read(self) -> bytes:
        if self._file is None:
            self._file = self._path.open("rb")
            self._file.seek(self._start)
        piece = self._file.read(_PIECE if self._left is None else max(0, min(_PIECE, self._left)))
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


async def _gathered(pieces: AsyncIterable[bytes], limit: int | None) -> AsyncIterator[list[bytes]]:
    """Yield the pieces in blocks that are worth a trip to a thread; raises BlobTooLarge beyond the limit."""
    block: list[bytes] = []
    gathered = size = 0
    async for piece in pieces:
        size += len(piece)
        if limit is not None and size > limit:
            raise BlobTooLarge(f"It is larger than {limit} bytes.")
        block.append(piece)
        gathered += len(piece)
        if gathered >= _PIECE:
            yield block
            block, gathered = [], 0
    if block:
        yield block


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call, and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(id_: str) -> BlobMissing:
    return BlobMissing(f"The bytes of {id_} are not there.")


def _fault(error: OSError) -> StoreFault:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull("The disk that holds the data folder is full. Make room; nothing of this file was stored.")
    return StoreFault(f"The file could not be stored: {error.strerror}.")
