"""Blobs in memory: for tests, and for programs that keep nothing."""

import contextlib
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, MutableMapping, Sequence
from pathlib import Path

from retinue.blobs.base import Blob
from retinue.core.errors import BlobMissing, BlobTooLarge
from retinue.core.ids import new_id


class MemoryBlobs:
    """Keeps blobs until the process ends."""

    def __init__(self, blobs: MutableMapping[str, bytes] | None = None) -> None:
        """`blobs` is what another one kept, as a process before this one would have."""
        self._blobs: MutableMapping[str, bytes] = {} if blobs is None else blobs
        self._earlier = list(self._blobs)

    async def put(self, pieces: AsyncIterable[bytes], *, limit: int | None = None) -> Blob:
        """See `Blobs.put`."""
        content = bytearray()
        async for piece in pieces:
            content += piece
            if limit is not None and len(content) > limit:
                raise BlobTooLarge(f"It is larger than {limit} bytes.")
        id_ = new_id("blob")
        self._blobs[id_] = bytes(content)
        return Blob(id=id_, size=len(content), sha256=hashlib.sha256(content).hexdigest())

    async def open(self, id_: str, *, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes, None]:
        """See `Blobs.open`."""
        if id_ not in self._blobs:
            raise BlobMissing(f"The bytes of {id_} are not there.")
        yield self._blobs[id_][start:end]

    @contextlib.asynccontextmanager
    async def as_file(self, id_: str) -> AsyncIterator[Path]:
        """See `Blobs.as_file`: a copy."""
        if id_ not in self._blobs:
            raise BlobMissing(f"The bytes of {id_} are not there.")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / id_
            path.write_bytes(self._blobs[id_])
            yield path

    async def delete(self, id_: str) -> None:
        """See `Blobs.delete`."""
        self._blobs.pop(id_, None)

    async def earlier(self) -> AsyncIterator[Sequence[str]]:
        """See `Blobs.earlier`."""
        found, self._earlier = [id_ for id_ in self._earlier if id_ in self._blobs], []
        if found:
            yield found
