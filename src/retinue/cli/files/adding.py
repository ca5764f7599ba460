"""Adding: files are uploaded, put into a vector store, and waited for until each can be searched."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from retinue.cli.client.api import Api, Refused
from retinue.cli.files.objects import StoredFile, VectorStore, Windows
from retinue.cli.files.places import SHA256, is_gone, path_of_file, place_attribute, place_of
from retinue.cli.files.taking import Taking, delete_file
from retinue.cli.files.uploading import upload
from retinue.cli.files.vector_stores import files_in, path_of
from retinue.core.errors import RetinueError

_FIRST_LOOK_S, _LAST_LOOK_S = 0.05, 1.0
"""Between two looks whether a file can be searched: the second as long as the first, and so on, up to the last."""
_AHEAD = 8  # files that are uploaded beyond the one that is waited for: the server always has one to read


class Watcher(Protocol):
    """Is told how it goes."""

    def reads(self, name: str) -> None:
        """This file is the next to be searchable."""
        ...

    def reached(self, windows: Windows) -> None:
        """So much of that file is read."""
        ...

    def settled(self) -> None:
        """One more file is done with, however."""
        ...


class Failure(Struct, frozen=True):
    """A file that can't be searched, and a sentence that says why."""

    name: str
    why: str


class Added(Struct, kw_only=True):
    """What became of the files, while it becomes it."""

    store: VectorStore
    searchable: int = 0
    unchanged: int = 0
    handed_over: int = 0
    """Files that are in the store, whether they were read yet or not."""
    failures: list[Failure] = []
    gone: list[str] = []
    """Paths of files that are in the store, and no longer in the folder that was added."""


class _Sent(Struct, frozen=True, kw_only=True):
    path: Path
    file_id: str
    others: list[StoredFile]
    """What was there from that path before."""


class Adding:
    """Adds files to a store. What is there already, from the same place and with the same content, is left alone."""

    def __init__(self, api: Api, store: VectorStore, watcher: Watcher) -> None:
        self._api, self._store, self._watcher = api, store, watcher
        self._taking = Taking(api, store)
        self.added = Added(store=store)
        """What became of the files so far."""

    async def add(self, paths: Sequence[Path], *, folders: Sequence[Path] = ()) -> None:
        """Add these files and wait until each can be searched, or has failed; raises RetinueError, as Gone.

        What lay in one of the folders and is gone from there is noted, and left where it is.
        """
        known: dict[tuple[str, str] | None, list[StoredFile]] = {}
        async for there in files_in(self._api, self._store):
            if is_gone(there, folders):
                self.added.gone.append(path_of_file(there))
            known.setdefault(place_of(there), []).append(there)
        ahead = deque[_Sent]()
        for path in paths:
            if one := await self._send(path, known.get(place_attribute(path), [])):
                ahead.append(one)
            else:
                self._watcher.settled()
            if len(ahead) > _AHEAD:
                await self._settle(ahead.popleft())
        for one in ahead:
            await self._settle(one)

    async def _send(self, path: Path, there: list[StoredFile]) -> _Sent | None:
        """Upload a file and put it into the store; None where it is there, or can't be."""
        try:
            digest = await asyncio.to_thread(_digest, path)
            same = next((one for one in reversed(there) if one.attribute(SHA256) == digest and one.is_good), None)
            file_id = same.id if same else await self._put_in(path, digest)
        except OSError as error:
            self._fail(path, f"It can't be read ({error.strerror}).")
            return None
        others = [one for one in there if one is not same]
        if same and same.status == "completed":
            await self._take_out(others)
            self.added.unchanged += 1
            return None
        self.added.handed_over += 1
        return _Sent(path=path, file_id=file_id, others=others)

    async def _put_in(self, path: Path, digest: str) -> str:
        file = await upload(self._api, path)
        name, place = place_attribute(path)
        attributes = {SHA256: digest, name: place}
        try:
            await self._api.post(path_of(self._store, "files"), StoredFile, file_id=file.id, attributes=attributes)
        except Refused:
            with suppress(RetinueError):  # the refusal says more
                await delete_file(self._api, file.id)
            raise
        return file.id

    async def _settle(self, sent: _Sent) -> None:
        """Wait until a file can be searched, and takes the place of what was there before, or has failed."""
        self._watcher.reads(sent.path.name)
        stored = await self._read(sent.file_id)
        if stored.status == "completed":
            await self._take_out(sent.others)
            self.added.searchable += 1
        else:
            await self._take_out([one for one in sent.others if not one.is_good])
            why = stored.last_error.message if stored.last_error else f"It is {stored.status}."
            kept = " What was there before is kept." if any(one.is_good for one in sent.others) else ""
            self._fail(sent.path, why + kept)
        self._watcher.settled()

    async def _read(self, file_id: str) -> StoredFile:
        pause = _FIRST_LOOK_S
        path = path_of(self._store, "files", file_id)
        while (stored := await self._api.get(path, StoredFile)).status == "in_progress":
            self._watcher.reached(stored.retinue.windows)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK_S)
        return stored

    async def _take_out(self, files: Sequence[StoredFile]) -> None:
        for file in files:
            await self._taking.out(file)

    def _fail(self, path: Path, why: str) -> None:
        self.added.failures.append(Failure(str(path), why))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
