"""Vector stores in a database, with versions."""

import asyncio
from collections.abc import AsyncGenerator, Collection

from knowledge.index.truth import DIMENSIONS, File, Truth, file_of, fuse, query_of
from retinue.core.chunking import Grid
from retinue.knowledge.index.candidates import Found
from retinue.knowledge.index.indexes import Changes, Indexes
from retinue.knowledge.index.store_index import Search, StoreIndex
from retinue.knowledge.index.windows import Windows
from retinue.knowledge.index.workers import Workers


class Table:
    """A vector store in the database: what it holds, what changed when, and how often it was read."""

    def __init__(self, key: str, *files: int) -> None:
        self.key = key
        self.truth = Truth()
        self.version = 0
        self.changed: dict[str, int] = {}
        self.reads: list[int] = []
        """The version since which each reading was."""
        self.files_read = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.fails = False
        for seed in files:
            self.put(f"file-{seed}", file_of(seed, 12))

    def put(self, name: str, file: File) -> None:
        self.version += 1
        self.truth.files[name] = file
        self.changed[name] = self.version

    def drop(self, name: str) -> None:
        self.version += 1
        del self.truth.files[name]
        self.changed[name] = self.version

    async def load(self, since: int, _held: Collection[str]) -> Changes:
        self.reads.append(since)
        changed = [name for name, version in self.changed.items() if version > since]
        gone = [name for name in changed if name not in self.truth.files]
        return Changes(version=self.version, dropped=gone, files=self.read([n for n in changed if n not in gone]))

    async def read(self, names: list[str]) -> AsyncGenerator[tuple[str, Grid, Windows], None]:
        for name in names:
            await self.go_on.wait()
            self.files_read += 1
            yield name, self.truth.files[name].grid, self.truth.files[name].windows
            if self.fails:
                raise ConnectionError("the database went away")

    async def index_in(self, indexes: Indexes) -> StoreIndex:
        return await indexes.get(self.key, version=self.version, dimensions=DIMENSIONS, load=self.load)

    async def found_in(self, indexes: Indexes) -> list[Found]:
        index = await self.index_in(indexes)
        return await index.find(Search(queries=[query_of(5)], limit=50, fuse=fuse), self.truth.fetch)


async def found_afresh(table: Table, workers: Workers) -> list[Found]:
    return await table.found_in(Indexes(bound=1 << 30, workers=workers))
