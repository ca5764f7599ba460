"""From what is stored of a vector store to its index in memory, and which files the index holds."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Mapping
from collections.abc import Set as AbstractSet

from msgspec import Struct

from retinue.core.attributes import Attributes
from retinue.core.chunking import Grid
from retinue.core.vector_store import Embedding, VectorStore, VectorStoreFile
from retinue.knowledge.index.indexes import Changes, Indexes
from retinue.knowledge.index.store_index import StoreIndex
from retinue.knowledge.index.windows import BadSlab, Windows
from retinue.knowledge.index.workers import Workers
from retinue.store import Scope
from retinue.store.documents import StoreChanges

_SLABS = 4  # that are read at a time: the event loop waits for some 2 ms, and others have their turn in between


class Entry(Struct, frozen=True, kw_only=True):
    """What is known of a document beside its windows."""

    file_id: str
    attributes: Attributes


Entries = Mapping[str, Entry]
"""By document."""


class Loaded(Struct, frozen=True, kw_only=True):
    """A vector store in memory."""

    index: StoreIndex
    entries: Entries


class _Known(Struct, frozen=True, kw_only=True):
    """The documents that an index holds at a version of its store."""

    version: int
    entries: Entries


class Loading:
    """Loads vector stores when they are asked for, and keeps up with their changes."""

    def __init__(self, indexes: Indexes, workers: Workers) -> None:
        self._indexes, self._workers = indexes, workers
        self._known: dict[str, _Known] = {}

    async def load(self, scope: Scope, store: VectorStore, embedding: Embedding) -> Loaded:
        """Return the vector store as it was when it was read, or later; raises BadSlab."""
        key = _key(scope, store.id)

        async def changes(since: int, held: Collection[str]) -> Changes:
            return await self._changes(scope, store.id, embedding, since, held)

        index = await self._indexes.get(key, version=store.version, dimensions=embedding.dimensions, load=changes)
        known = self._known.get(key)
        return Loaded(index=index, entries=known.entries if known else {})

    async def forget(self, scope: Scope, store: str) -> None:
        """Let go of a vector store that is gone."""
        self._known.pop(_key(scope, store), None)
        await self._indexes.forget(_key(scope, store))

    async def _changes(
        self, scope: Scope, store: str, embedding: Embedding, since: int, held: Collection[str]
    ) -> Changes:
        """Tell what has changed since a version of the index, which holds these documents.

        Attributes of a file change without its windows. Of an index that was saved, its files alone are known.
        """
        self._let_go()
        key = _key(scope, store)
        known = self._known.get(key)
        if known is None or known.version != since:
            known = _Known(version=0, entries={})
        changed, entries = dict[str, VectorStoreFile](), {**known.entries}
        version, searchable = since, len(entries)
        async for found in _changed(scope, store, since=known.version):
            entries |= {
                file.document: Entry(file_id=file.file_id, attributes=file.attributes) for file in found.changed
            }
            changed |= {file.document: file for file in found.changed if file.document not in held}
            version, searchable = found.version, found.searchable
        if len(entries) != searchable:
            for document in entries.keys() - await _searchable(scope, store):
                del entries[document]

        async def files() -> AsyncGenerator[tuple[str, Grid, Windows], None]:
            for file in changed.values():
                if file.document not in entries:
                    continue
                try:
                    windows = await self._windows(scope, file, embedding.dimensions)
                except BadSlab:
                    if await scope.vector_store_files.of_document(file.document):
                        raise
                    del entries[file.document]  # it was taken out while it was loaded, and is being cleared
                else:
                    yield file.document, file.chunking.grid, windows
            self._known[key] = _Known(version=version, entries=entries)

        return Changes(version=version, dropped=set(held) - entries.keys(), files=files())

    async def _windows(self, scope: Scope, file: VectorStoreFile, dimensions: int) -> Windows:
        """Read a file; raises BadSlab. Between two reads a thread looks at the last one, and others have their turn."""
        windows = Windows(dimensions)
        while slabs := await scope.documents.slabs(file.document, after=len(windows) - 1, limit=_SLABS):
            await self._workers.run(windows.add, slabs)
            if len(slabs) < _SLABS:
                break
        if len(windows) != file.windows:
            raise BadSlab(f"Of the {file.windows} windows of {file.document} there are {len(windows)}.")
        return windows

    def _let_go(self) -> None:
        for key in [key for key in self._known if key not in self._indexes]:
            del self._known[key]


async def _changed(scope: Scope, store: str, *, since: int) -> AsyncGenerator[StoreChanges, None]:
    """Yield what changed in a vector store: others have their turn in between, for there may be ten thousand."""
    while found := await scope.documents.changes(store, since=since):
        yield found
        if not found.changed:
            return
        since = found.changed[-1].version
        await asyncio.sleep(0)


async def _searchable(scope: Scope, store: str) -> AbstractSet[str]:
    found, after = dict[str, int](), 0
    while more := await scope.documents.searchable(store, after=after):
        found |= more
        after = max(more.values())
        await asyncio.sleep(0)
    return found.keys()


def _key(scope: Scope, store: str) -> str:
    return f"{scope.project}/{store}"
