"""Adding: files are uploaded, put into a vector store, and waited for until each can be searched."""

import asyncio
import hashlib
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from msgspec import Struct

from retinue.cli.client.api import Api, Refused
from retinue.cli.files.objects import Deleted, File, StoredFile, VectorStore
from retinue.cli.files.uploading import upload
from retinue.cli.files.vector_stores import files_in, path_of

_FIRST_LOOK_S, _LAST_LOOK_S = 0.05, 1.0
"""Between two looks whether a file can be searched: the second as long as the first, and so on, up to the last."""
_LONGEST_VALUE = 512  # characters of an attribute: the API's bound
_AHEAD = 8  # files that are uploaded beyond the one that is waited for: the server always has one to read

PATH, SHA256 = "path", "sha256"
"""Attributes by which a file is known again: where it lay, and what was in it."""


class Watcher(Protocol):
    """Is told how it goes."""

    def reads(self, name: str) -> None:
        """This file is the next to be searchable."""
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


class _Sent(Struct, frozen=True, kw_only=True):
    path: Path
    file: File
    replaces: StoredFile | None


class Adding:
    """Adds files to a store. What is there already, from the same place and with the same content, is left alone."""

    def __init__(self, api: Api, store: VectorStore, watcher: Watcher) -> None:
        self._api, self._store, self._watcher = api, store, watcher
        self.added = Added(store=store)
        """What became of the files so far."""

    async def add(self, paths: Sequence[Path]) -> None:
        """Add these files and wait until each can be searched, or has failed; raises RetinueError, as Gone."""
        known = {there.attribute(PATH): there async for there in files_in(self._api, self._store)}
        ahead = deque[_Sent]()
        for path in paths:
            if one := await self._send(path, known.get(str(path))):
                ahead.append(one)
            else:
                self._watcher.settled()
            if len(ahead) > _AHEAD:
                await self._settle(ahead.popleft())
        for one in ahead:
            await self._settle(one)

    async def _send(self, path: Path, there: StoredFile | None) -> _Sent | None:
        """Upload a file and put it into the store; None where it is there, or can't be."""
        try:
            digest = await asyncio.to_thread(_digest, path)
            if there and there.status == "completed" and there.attribute(SHA256) == digest:
                self.added.unchanged += 1
                return None
            file = await upload(self._api, path)
        except OSError as error:
            self._fail(path, f"It can't be read ({error.strerror}).")
            return None
        attributes = {SHA256: digest, **({PATH: str(path)} if len(str(path)) <= _LONGEST_VALUE else {})}
        await self._api.post(path_of(self._store, "files"), StoredFile, file_id=file.id, attributes=attributes)
        self.added.handed_over += 1
        return _Sent(path=path, file=file, replaces=there)

    async def _settle(self, sent: _Sent) -> None:
        """Wait until a file can be searched, or has failed; it takes the place of what it was before."""
        self._watcher.reads(sent.path.name)
        stored = await self._read(sent.file.id)
        if sent.replaces:
            await delete_file(self._api, sent.replaces.id)
        if stored.status == "completed":
            self.added.searchable += 1
        else:
            self._fail(sent.path, stored.last_error.message if stored.last_error else f"It is {stored.status}.")
        self._watcher.settled()

    async def _read(self, file_id: str) -> StoredFile:
        pause = _FIRST_LOOK_S
        path = path_of(self._store, "files", file_id)
        while (stored := await self._api.get(path, StoredFile)).status == "in_progress":
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK_S)
        return stored

    def _fail(self, path: Path, why: str) -> None:
        self.added.failures.append(Failure(str(path), why))


async def delete_file(api: Api, file_id: str) -> None:
    """Delete a file, and with it what any store has of it; one that is gone already is as good as deleted."""
    try:
        await api.delete(f"/v1/files/{quote(file_id, safe='')}", Deleted)
    except Refused as refused:
        if refused.status != 404:
            raise


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
