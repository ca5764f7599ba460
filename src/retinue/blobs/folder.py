"""Blobs as files in a folder: written aside, synced, then renamed to where they are found."""

import asyncio
import errno
import hashlib
import os
import re
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import IO

from retinue.blobs.base import Blob
from retinue.core.errors import BlobMissing, BlobTooLarge, StoreFault, StoreFull
from retinue.core.ids import new_id

PARTIAL = "partial"
"""The subfolder of what is being written."""

_PIECE = 1 << 20
_ID = re.compile(r"blob_[0-9A-Za-z]{24}")


class BlobFolder:
    """Keeps blobs under a folder, spread over 3,844 subfolders by the first characters of their ids."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partial = root / PARTIAL
        self._partial.mkdir(parents=True, exist_ok=True)
        for left in self._partial.iterdir():  # what a process before this one did not finish
            left.unlink()

    async def put(self, pieces: AsyncIterable[bytes], *, limit: int | None = None) -> Blob:
        """See `Blobs.put`."""
        id_ = new_id("blob")
        aside = self._partial / id_
        digest, size = hashlib.sha256(), 0
        try:
            with aside.open("xb") as file:
                async for piece in pieces:
                    size += len(piece)
                    if limit is not None and size > limit:
                        raise BlobTooLarge(f"It is larger than {limit} bytes.")
                    await asyncio.to_thread(_write, file, piece)
                    digest.update(piece)
                await asyncio.to_thread(_sync, file)
            await asyncio.to_thread(self._move_in, aside, id_)
        except OSError as error:
            raise _fault(error) from error
        finally:
            aside.unlink(missing_ok=True)
        return Blob(id=id_, size=size, sha256=digest.hexdigest())

    async def open(self, id_: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See `Blobs.open`."""
        try:
            file = self._path(id_).open("rb")
        except FileNotFoundError as error:
            raise BlobMissing(f"The bytes of {id_} are not there.") from error
        with file:
            file.seek(start)
            left = None if end is None else end - start
            while left is None or left > 0:
                piece = await asyncio.to_thread(file.read, _PIECE if left is None else min(_PIECE, left))
                if not piece:
                    return
                left = left and left - len(piece)
                yield piece

    async def delete(self, id_: str) -> None:
        """See `Blobs.delete`."""
        self._path(id_).unlink(missing_ok=True)

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


def _write(file: IO[bytes], piece: bytes) -> None:
    file.write(piece)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a rename durable; Windows has no such call, and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fault(error: OSError) -> StoreFault:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull("The disk that holds the data folder is full. Make room; nothing of this file was stored.")
    return StoreFault(f"The file could not be stored: {error.strerror}.")
