"""A session's folder, as it was when it was looked at last, held against what is stored of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog
from msgspec import Struct, structs

from retinue.blobs import Blobs
from retinue.core.container import Collected, Container, ContainerFile
from retinue.core.container_paths import MAX_FILES
from retinue.core.errors import NotFound, StoreFault
from retinue.sandbox.base import Kept, SandboxFault, Session, SessionLost, are_all
from retinue.store import Scope
from retinue.tools.interpreter.given import Given, Mounts, bring_in
from retinue.tools.interpreter.notes import Notes, shown

log = structlog.get_logger()

_GONE = -1  # for a size

CallKey = tuple[str, str]
"""A call by its step and its id there."""


class Stamp(Struct, frozen=True, kw_only=True):
    """A file of the folder."""

    size: int
    changed_ns: int
    sha256: str | None
    """Of its bytes; None where they are not to be stored until they change: too many, or taken away from outside."""
    stored: str | None
    """Of the bytes that were stored under its path when both were the same or were told apart last."""

    def is_of(self, kept: Kept) -> bool:
        """Whether the file was not written since."""
        return (self.size, self.changed_ns) == (kept.size, kept.changed_ns)


class Handed(Struct, frozen=True, kw_only=True):
    """What a call handed over to be stored: nobody tells whether it was."""

    call: CallKey
    before: float
    """When the container had been used last."""
    ids: frozenset[str]
    """Of what was placed in it."""
    sha256s: dict[str, str]
    """Of that, by path."""
    removed: tuple[str, ...]

    def may_be_under_way(self, call: CallKey) -> bool:
        """Whether it may be stored while the other call runs: both are of one turn."""
        return self.call[0] == call[0] and self.call != call

    def was_stored(self, call: CallKey, container: Container, own: Sequence[ContainerFile]) -> bool:
        """Whether it was, as a later call finds: not if that is the same, run again."""
        was_used = container.last_active_at > self.before or any(file.id in self.ids for file in own)
        return self.call != call and was_used


class Workspace:
    """What is known of one session's folder."""

    def __init__(self) -> None:
        self.mounts = Mounts()
        self._stamps: dict[str, Stamp] = {}
        self._handed: list[Handed] = []
        self._taken_out: set[str] = set()
        """Paths of files that are no longer stored, and still lie in the folder."""

    async def prepare(
        self, given: Mapping[str, Given], session: Session, scope: Scope, blobs: Blobs, notes: Notes
    ) -> None:
        """Write what is stored and what the folder lacks; what can't be written is noted, and not tried again."""
        brought = [each for each in given.values() if not self._has(each)]
        for each in brought:
            if fault := await _brought(each, session, scope, blobs):
                notes.add(f"The file {shown(each.path)} could not be put into /mnt/data: {fault}")
        there = {kept.path: kept for kept in await session.files()}  # and to see that the session lives
        await self._take_away(session, there)
        for each in brought:
            kept = there.get(each.path)
            self._stamps[each.path] = Stamp(
                size=kept.size if kept else _GONE,
                changed_ns=kept.changed_ns if kept else 0,
                sha256=each.sha256,
                stored=each.sha256,
            )

    def compare(
        self, call: CallKey, container: Container, own: Sequence[ContainerFile], given: Mapping[str, Given]
    ) -> None:
        """Take note of what was stored of earlier calls, and of what was taken out of the container since."""
        for handed in [each for each in self._handed if not each.may_be_under_way(call)]:
            self._handed.remove(handed)
            if handed.was_stored(call, container, own):
                for path, sha256 in handed.sha256s.items():
                    self._change(path, stored=sha256)
            else:
                for path in handed.removed:
                    self._change(path, size=0)  # it is still to be removed
        for path, stamp in self._stamps.items():
            if stamp.stored is not None and path not in given:
                self._stamps[path] = structs.replace(stamp, sha256=None, stored=None)
                if len(own) < MAX_FILES:  # else it may be one of the code's that had no place among them
                    self._taken_out.add(path)

    async def changes(self, session: Session) -> "Changes":
        """Return what is not as it was."""
        found = await session.files()
        whole, there = are_all(found), {kept.path for kept in found}
        gone = [path for path, stamp in self._stamps.items() if stamp.stored and stamp.size >= 0 and path not in there]
        return Changes(changed=list(filter(self._is_changed, found)), gone=gone if whole else [], whole=whole)

    def is_stored(self, path: str, sha256: str) -> bool:
        """Whether these very bytes are stored under the path, or about to be."""
        return self._stored_of(path) == sha256

    def note(self, kept: Kept, sha256: str | None) -> None:
        """Remember a file as it is now."""
        old = self._stamps.get(kept.path)
        stored = old.stored if old else None
        self._stamps[kept.path] = Stamp(size=kept.size, changed_ns=kept.changed_ns, sha256=sha256, stored=stored)

    def hand_over(self, call: CallKey, collected: Collected, *, before: float) -> None:
        """Remember what is to be stored of this call; `before` is when the container had been used last."""
        for path in collected.removed:
            self._change(path, size=_GONE, sha256=None)
        handed = Handed(
            call=call,
            before=before,
            ids=frozenset(file.id for file in collected.placed),
            sha256s={file.path: file.sha256 for file in collected.placed},
            removed=collected.removed,
        )
        self._handed.append(handed)

    async def _take_away(self, session: Session, there: Mapping[str, Kept]) -> None:
        """Remove what was taken out of the container, or away from the run; not what code has written since."""
        for path in self._taken_out & there.keys():
            if self._stamps[path].is_of(there[path]):
                try:
                    await session.remove(path)
                except SessionLost:
                    raise
                except SandboxFault as fault:  # it stays then, and is not stored again
                    log.warning("file_not_removed", why=fault.message)
        self._taken_out.clear()

    def _stored_of(self, path: str) -> str | None:
        """The bytes that are stored under a path, as far as anybody can tell: what was handed over last."""
        about = [handed.sha256s[path] for handed in self._handed if path in handed.sha256s]
        stamp = self._stamps.get(path)
        return about[-1] if about else stamp.stored if stamp else None

    def _change(self, path: str, **fields: Any) -> None:
        if path in self._stamps:
            self._stamps[path] = structs.replace(self._stamps[path], **fields)

    def _has(self, given: Given) -> bool:
        stamp = self._stamps.get(given.path)
        return stamp is not None and given.sha256 in (stamp.sha256, stamp.stored)

    def _is_changed(self, kept: Kept) -> bool:
        stamp = self._stamps.get(kept.path)
        if stamp is None or not stamp.is_of(kept):
            return True
        return stamp.sha256 is not None and stamp.sha256 != self._stored_of(kept.path)


class Changes(Struct, frozen=True, kw_only=True):
    """What differs in a folder from what is known of it."""

    changed: list[Kept]
    gone: list[str]
    whole: bool
    """False where there are so many files that some may not have been seen."""

    def of(self, own: Sequence[ContainerFile]) -> Iterator[str]:
        """Yield the paths that are gone and that the container has: a file that was given is nobody's to remove."""
        paths = {file.path for file in own}
        yield from (path for path in self.gone if path in paths)


async def _brought(given: Given, session: Session, scope: Scope, blobs: Blobs) -> str | None:
    """Bring a file in and return what hindered it; of a file that does not fit no half is left to be taken for it."""
    try:
        await bring_in(given, session, scope, blobs)
    except SessionLost:
        raise
    except SandboxFault as fault:
        try:
            await session.write(given.path, b"")
        except SessionLost:
            raise
        except SandboxFault:
            return f"{fault.message}."
        return f"{fault.message}. An empty one is in its place."
    except (StoreFault, NotFound) as fault:
        return fault.message
    return None
