"""Which stored files code is to find in `/mnt/data`, and where."""

import contextlib
from collections.abc import AsyncGenerator, Iterable, Sequence

from msgspec import Struct

from retinue.blobs import Blobs
from retinue.core.container import ContainerFile
from retinue.core.container_paths import mounted_paths
from retinue.core.file import File
from retinue.core.run import Run
from retinue.core.tools import given_to_code
from retinue.sandbox.base import Session
from retinue.store import Scope
from retinue.tools.interpreter.notes import Notes, shown

_PIECE = 8 << 20  # bytes


class Given(Struct, frozen=True, kw_only=True):
    """A stored file and its path."""

    path: str
    sha256: str
    file_id: str | None = None
    blob: str | None = None
    """Its bytes, where they are no file's."""


class Mounts:
    """The files that a session's runs may read, each looked up once: it never changes, until it is gone."""

    def __init__(self) -> None:
        self._files: dict[str, File | None] = {}

    async def of(self, scope: Scope, run: Run, notes: Notes) -> list[Given]:
        """Return what the run is given and what its thread has as it is now: a message may have brought a file."""
        thread = await scope.threads.get(run.thread_id)
        ids, more = given_to_code(run.spec.tool_resources, thread.tool_resources)
        if more:
            notes.add(f"Of {len(ids) + more:,} files only {len(ids)} are given to code: the newest of the thread's.")
        for id_ in await scope.files.missing(ids) if ids else ():
            if self._files.get(id_, id_) is not None:
                self._files[id_] = None
                notes.add(f"There is no file {shown(id_)} any more.")
        files = [file for id_ in ids if (file := await self._file(scope, id_))]
        paths = mounted_paths([(file.id, file.name) for file in files])
        return [Given(path=paths[file.id], sha256=file.sha256, file_id=file.id, blob=file.blob) for file in files]

    async def _file(self, scope: Scope, id_: str) -> File | None:
        if id_ not in self._files:
            self._files[id_] = await scope.files.get(id_)
        return self._files[id_]


def together(mounts: Iterable[Given], own: Sequence[ContainerFile]) -> dict[str, Given]:
    """Return what lies under each path: a container's own file hides one that is given under the same."""
    found = {given.path: given for given in mounts}
    for file in own:
        found[file.path] = Given(path=file.path, sha256=file.sha256, file_id=file.file_id, blob=file.blob)
    return found


async def bring_in(given: Given, session: Session, scope: Scope, blobs: Blobs) -> None:
    """Write a stored file into a session, piece by piece; raises NotFound, StoreFault and SandboxFault."""
    blob = given.blob
    if blob is None:
        blob = (await scope.files.get(given.file_id or "")).blob
    more = False
    async with contextlib.aclosing(blobs.open(blob)) as content:
        async for piece in _pieces(content):
            await session.write(given.path, piece, more=more)
            more = True
    if not more:
        await session.write(given.path, b"")


async def _pieces(content: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async for block in content:
        for at in range(0, len(block), _PIECE):
            yield block[at : at + _PIECE]
