"""Knowledge: files read, embedded, stored and searched on this server."""

from collections.abc import Sequence
from pathlib import Path

from retinue.blobs import Blobs
from retinue.core.search import Passage, Search
from retinue.core.vector_store import VectorStore
from retinue.knowledge.embedders import Embedders
from retinue.knowledge.index.indexes import Indexes
from retinue.knowledge.index.saved import SavedIndexes
from retinue.knowledge.index.workers import Workers
from retinue.knowledge.ingest import Ingest
from retinue.knowledge.loading import Loading
from retinue.knowledge.reading.reader import Reader
from retinue.knowledge.search import Searching
from retinue.store import Scope


class KnowledgeService:
    """See `Knowledge`. Its parts are made at once, and take processes and memory when they are first needed."""

    def __init__(
        self, blobs: Blobs, reader: Reader, embedders: Embedders, *, folder: Path, index_bytes: int, threads: int
    ) -> None:
        """`folder` is where large indexes are saved, which may be deleted at any time; `index_bytes` is what those in
        memory may take, `threads` how many of them search and build.
        """
        self._reader, self._embedders = reader, embedders
        self._workers = Workers(threads)
        self._saved = SavedIndexes(folder)
        self._indexes = Indexes(bound=index_bytes, workers=self._workers, saved=self._saved)
        self._loading = Loading(self._indexes, self._workers)
        self._ingest = Ingest(blobs, reader, embedders)
        self._searching = Searching(embedders, self._loading, self._workers)

    async def ingest(self, scope: Scope, document: str) -> None:
        """See `Knowledge.ingest`."""
        await self._ingest.ingest(scope, document)

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        """See `Knowledge.search`."""
        return await self._searching.search(scope, stores, search)

    async def forget(self, scope: Scope, store: str) -> None:
        """See `Knowledge.forget`."""
        await self._loading.forget(scope, store)

    async def close(self) -> None:
        """See `Knowledge.close`."""
        await self._reader.close()
        await self._embedders.close()
        await self._indexes.saved()
        self._saved.close()
        self._workers.close()
