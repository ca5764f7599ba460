"""Knowledge that is loaded when it is first needed: a server that never sees a document pays nothing for it."""

import asyncio
import importlib.util
import os
from collections.abc import Sequence

from retinue.blobs import Blobs
from retinue.core.search import Passage, Search
from retinue.core.vector_store import VectorStore
from retinue.knowledge import Knowledge, NoKnowledge
from retinue.settings import Settings
from retinue.store import Scope

_NEEDED = ("kreuzberg", "numkong", "numpy", "onnxruntime", "pypdfium2", "Stemmer", "tokenizers")
"""The modules of the extra `documents`."""


class KnowledgeOnDemand:
    """See `Knowledge`; without the extra `documents` it is NoKnowledge."""

    def __init__(self, settings: Settings, blobs: Blobs) -> None:
        self._settings, self._blobs = settings, blobs
        self._loading = asyncio.Lock()
        self._loaded: Knowledge | None = None

    async def ingest(self, scope: Scope, document: str) -> None:
        """See `Knowledge.ingest`."""
        await (await self._knowledge()).ingest(scope, document)

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        """See `Knowledge.search`."""
        return await (await self._knowledge()).search(scope, stores, search)

    async def forget(self, scope: Scope, store: str) -> None:
        """See `Knowledge.forget`."""
        if self._loaded:
            await self._loaded.forget(scope, store)

    async def close(self) -> None:
        """See `Knowledge.close`."""
        if self._loaded:
            await self._loaded.close()

    async def _knowledge(self) -> Knowledge:
        async with self._loading:
            if self._loaded is None:
                self._loaded = await asyncio.to_thread(_load, self._settings, self._blobs)
            return self._loaded


def _load(settings: Settings, blobs: Blobs) -> Knowledge:
    if not all(map(importlib.util.find_spec, _NEEDED)):
        return NoKnowledge()
    # here: numpy and onnxruntime take 60 MB and half a second, and most servers never see a document
    from retinue.knowledge.embedders import Embedders
    from retinue.knowledge.reading.reader import Reader
    from retinue.knowledge.service import KnowledgeService

    return KnowledgeService(
        blobs,
        Reader(),
        Embedders(MiniLM())  # type: ignore,
        index_bytes=settings.index_memory_mb << 20,
        threads=os.cpu_count() or 1,
    )
