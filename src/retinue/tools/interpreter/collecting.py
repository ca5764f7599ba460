"""What code left behind, made files with ids."""

import asyncio
import hashlib
import unicodedata
from collections.abc import AsyncIterator, Sequence

import structlog
from msgspec import structs

from retinue.blobs import Blobs
from retinue.core.clock import Clock
from retinue.core.container import Collected, Container, ContainerFile
from retinue.core.container_paths import is_path
from retinue.core.errors import StoreFault
from retinue.core.file import File, clean_name
from retinue.core.ids import new_id
from retinue.core.item import Written
from retinue.sandbox.base import Kept, SandboxFault, Session, SessionLost
from retinue.tools.interpreter.cell import Charts
from retinue.tools.interpreter.notes import Notes, shown
from retinue.tools.interpreter.workspace import Workspace

log = structlog.get_logger()

MOST_COLLECTED = 100
"""Files of one call; the next one goes on with the others."""
MOST_COLLECTED_BYTES = 256 << 20
"""Of them together: a file of holes takes nothing of a session's disk, and all of its size of the server's."""
_MOST = f"{MOST_COLLECTED} files, or {MOST_COLLECTED_BYTES >> 20} MB,"
_HASHED_AT_ONCE = 1 << 20  # bytes: more is hashed in a thread


class Collector:
    """Stores the bytes of what one call made; the rows are for whoever stores what the call came to."""

    def __init__(self, blobs: Blobs, container: Container, own: Sequence[ContainerFile], *, clock: Clock) -> None:
        """`own` is what the container has before."""
        self._blobs, self._container, self._own, self._clock = blobs, container, own, clock
        self._files: list[File] = []
        self._placed: list[ContainerFile] = []
        self._removed: tuple[str, ...] = ()
        self.charts: list[str] = []
        self.written: list[Written] = []

    @property
    def collected(self) -> Collected:
        """What is to be stored, in one transaction with what the call came to."""
        return Collected(
            container=structs.replace(self._container, last_active_at=self._clock()),
            files=tuple(self._files),
            placed=tuple(self._placed),
            removed=self._removed,
        )

    async def take_charts(self, charts: Charts, notes: Notes) -> None:
        """Make a file of each chart; raises StoreFault or OSError."""
        for png in charts.pngs:
            name = f"{hashlib.sha256(png).hexdigest()[:8]}.png"
            self.charts.append((await self._stored(name, png)).id)
        if charts.left_out:
            notes.add(f"Charts that were left out, as too many, too large or no pictures: {charts.left_out:,}.")

    async def take_files(self, session: Session, folder: Workspace, notes: Notes) -> None:
        """Make a file of each that is new or was changed; raises SessionLost, StoreFault or OSError."""
        changes = await folder.changes(session)
        fine = [kept for kept in changes.changed if _may_be_kept(kept, folder, notes)]
        count = await self._take_first(fine, session, folder, notes)
        if left := len(fine[count:]):
            notes.add(f"Only {_MOST} are stored after one call; {left:,} more are left to the next ones.")
        if not changes.whole:
            notes.add("There are too many files in /mnt/data to see them all: some may not be stored.")
        self._removed = tuple(changes.of(self._own))

    async def undo(self) -> None:
        """Delete the bytes that were stored: nobody will own them."""
        for file in self._files:
            try:
                await self._blobs.delete(file.blob)
            except (StoreFault, OSError) as fault:  # the next start clears it away
                log.warning("blob_not_deleted", why=str(fault))

    async def _take_first(self, fine: Sequence[Kept], session: Session, folder: Workspace, notes: Notes) -> int:
        """Take as many as one call may have, and return how many."""
        count = size = 0
        for kept in fine[:MOST_COLLECTED]:
            if size and size + kept.size > MOST_COLLECTED_BYTES:
                break
            size += await self._take(kept, session, folder, notes)
            count += 1
        return count

    async def _take(self, kept: Kept, session: Session, folder: Workspace, notes: Notes) -> int:
        """Take one, and return how many bytes were read: a runner may say another size."""
        try:
            content = await session.read(kept.path)
        except SessionLost:
            raise
        except SandboxFault as fault:
            notes.add(f"The file {shown(kept.path)} was not stored: {fault.message}.")
            folder.note(kept, None)
            return 0
        sha256 = await _hashed(content)
        if not folder.is_stored(kept.path, sha256):
            self._place(
                kept.path, await self._stored(clean_name(kept.path[kept.path.rfind("/") + 1 :], param="path"), content)
            )
        folder.note(kept, sha256)
        return len(content)

    def _place(self, path: str, file: File) -> None:
        placed = ContainerFile(
            id=new_id("cfile"),
            container_id=self._container.id,
            created_at=file.created_at,
            path=path,
            size=file.size,
            sha256=file.sha256,
            source="assistant",
            file_id=file.id,
        )
        self._placed.append(placed)
        self.written.append(Written(path, file.id))

    async def _stored(self, name: str, content: bytes) -> File:
        blob = await self._blobs.put(_whole(content))
        file = File(
            id=new_id("file", joint="-"),
            created_at=self._clock(),
            name=name,
            purpose="assistants_output",
            size=blob.size,
            sha256=blob.sha256,
            blob=blob.id,
        )
        self._files.append(file)
        return file


def _may_be_kept(kept: Kept, folder: Workspace, notes: Notes) -> bool:
    """Whether its path can be stored and shown; what can't be is told once."""
    path = kept.path
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in path):
        notes.add(f"The file {shown(path)} was not stored: rename it without control characters.")
    elif not is_path(path):
        notes.add(f"The file {shown(path)} was not stored: its path is too long.")
    else:
        return True
    folder.note(kept, None)
    return False


async def _hashed(content: bytes) -> str:
    if len(content) <= _HASHED_AT_ONCE:
        return hashlib.sha256(content).hexdigest()
    return (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content
