"""Where large indexes lie between two lives of theirs in memory: beside the data, a folder each."""

import hashlib
import shutil
from pathlib import Path

import structlog

from retinue.knowledge.index import index_file
from retinue.knowledge.index.contents import Contents
from retinue.knowledge.index.workers import Workers
from retinue.knowledge.words import UnreadableIndex

log = structlog.get_logger()


class SavedIndexes:
    """Nothing here is the truth: what can't be read is deleted, and so is what can't be written to its end."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._workers = Workers(1)  # of its own, for a disk may take its time to sync

    async def open(self, key: str, dimensions: int) -> tuple[int, Contents] | None:
        """Return a store's index and its version; None if there is none that can be used."""
        folder = self._folder(key)
        try:
            return await self._workers.run(index_file.read, folder, key, dimensions)
        except FileNotFoundError:
            return None
        except UnreadableIndex as problem:
            log.warning("index_file_left_out", store=key, problem=str(problem))
            await self.remove(key)
            return None

    async def save(self, key: str, version: int, contents: Contents) -> bool:
        """Save an index, which nobody may change meanwhile, though searches go on; False if it can't be saved."""
        try:
            await self._workers.run(index_file.write, self._folder(key), key, version, contents)
        except OSError as problem:  # a full disk, most likely: what was written of it is better gone
            log.warning("index_file_not_saved", store=key, problem=str(problem))
            await self.remove(key)
            return False
        return True

    async def remove(self, key: str) -> None:
        """Delete what was saved of a store."""
        await self._workers.run(shutil.rmtree, self._folder(key), ignore_errors=True)

    def close(self) -> None:
        """Let what is under way end."""
        self._workers.close()

    def _folder(self, key: str) -> Path:
        return self._root / hashlib.sha256(key.encode()).hexdigest()[:32]  # a key is no file name
