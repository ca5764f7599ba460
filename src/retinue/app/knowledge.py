"""Knowledge that is loaded when it is first needed: a server that never sees a document pays nothing for it."""

import asyncio
import contextlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import structlog

from retinue.app.folder import INDEXES
from retinue.blobs import Blobs
from retinue.core.errors import RetinueError
from retinue.core.search import Passage, Search
from retinue.core.vector_store import FileError, VectorStore
from retinue.knowledge import IngestFault, Knowledge, NoKnowledge, SearchFault
from retinue.models.base import REHEARSAL
from retinue.models.routing.router import Router
from retinue.settings import Settings
from retinue.store import Scope
from retinue.system.told import told

log = structlog.get_logger()

NEEDED = ("numkong", "numpy", "onnxruntime", "pypdfium2", "Stemmer", "tokenizers")
"""The modules of the extra `documents`."""
_NO_PROVIDER = (
    "Documents are to be embedded with {}, and no provider is set that has it. "
    "Set one, or leave RETINUE_EMBEDDING_MODEL out: {} is built in."
)
_NOT_LOADED = "What reads and searches documents can't be loaded now ({}); the server's log says more."
_FILES_OPEN_AT_ONCE = 16
"""While it is loaded. Broken off halfway by the bound on open files, numpy can't be loaded again in this process."""


class _NotLoaded(RetinueError):
    """Knowledge can't be loaded now, which is no fault of any file's; later, perhaps."""


class KnowledgeOnDemand:
    """See `Knowledge`; without the extra `documents` it is NoKnowledge."""

    def __init__(self, settings: Settings, blobs: Blobs, models: Router) -> None:
        self._settings, self._blobs, self._models = settings, blobs, models
        self._loading = asyncio.Lock()
        self._loaded: Knowledge | None = None

    async def ingest(self, scope: Scope, document: str) -> None:
        """See `Knowledge.ingest`."""
        try:
            knowledge = await self._knowledge()
        except _NotLoaded as fault:
            error = FileError(code="server_error", message=fault.message)
            await scope.vector_store_files.wait(document, error=error)
            raise IngestFault(fault.message) from fault
        await knowledge.ingest(scope, document)

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        """See `Knowledge.search`."""
        try:
            knowledge = await self._knowledge()
        except _NotLoaded as fault:
            raise SearchFault(fault.message) from fault
        return await knowledge.search(scope, stores, search)

    async def forget(self, scope: Scope, store: str) -> None:
        """See `Knowledge.forget`. Where nothing is loaded or saved, there is nothing to let go of."""
        if self._loaded or (self._settings.data / INDEXES).exists():
            await (await self._knowledge()).forget(scope, store)

    async def close(self) -> None:
        """See `Knowledge.close`."""
        if self._loaded:
            await self._loaded.close()

    async def _knowledge(self) -> Knowledge:
        async with self._loading:
            if self._loaded is None:
                self._loaded = await asyncio.to_thread(self._load)
            return self._loaded

    def _load(self) -> Knowledge:
        try:
            _make_sure_of_room()
            return _load(self._settings, self._blobs, self._models)
        except Exception as fault:  # whatever libraries raise while they are loaded
            log.warning("knowledge_not_loaded", why=told(fault), exc_info=not isinstance(fault, OSError))
            raise _NotLoaded(_NOT_LOADED.format(getattr(fault, "strerror", None) or type(fault).__name__)) from fault


def _make_sure_of_room() -> None:
    """Raise OSError where too many files are open to load anything."""
    with contextlib.ExitStack() as stack:
        for _ in range(_FILES_OPEN_AT_ONCE):
            stack.enter_context(Path(os.devnull).open("rb"))


def _load(settings: Settings, blobs: Blobs, models: Router) -> Knowledge:
    if not all(map(importlib.util.find_spec, NEEDED)):
        return NoKnowledge()
    # here: numpy and its kin take 40 MB and some tenths of a second, and many servers never see a document
    from retinue.knowledge.embedders import Embedders
    from retinue.knowledge.embedding.endpoint import EndpointEmbedder
    from retinue.knowledge.embedding.local import LocalEmbedder
    from retinue.knowledge.reading.reader import Reader
    from retinue.knowledge.service import KnowledgeService

    model, local = settings.embedding_model, LocalEmbedder()
    if model == local.model:
        embedders = Embedders(local)
    elif models.addresses or model == REHEARSAL:
        embedders = Embedders(EndpointEmbedder(models, model, dimensions=settings.embedding_dimensions), [local])
    else:  # the built-in model would answer in its name
        return NoKnowledge(_NO_PROVIDER.format(model, local.model))
    threads = os.cpu_count() or 1
    return KnowledgeService(
        blobs,
        Reader(),
        embedders,
        folder=settings.data / INDEXES,
        index_bytes=settings.index_memory_mb << 20,
        threads=threads,
    )
