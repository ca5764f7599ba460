"""The shipped model as an embedder: passages in a process of low priority, queries in this one.

It takes the optional dependencies `documents`, and imports them when the first text comes.
"""

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog

from retinue.knowledge.embedding import minilm
from retinue.knowledge.embedding.base import EmbeddingFault
from retinue.knowledge.embedding.batches import batches
from retinue.knowledge.embedding.minilm import MiniLM
from retinue.knowledge.embedding.process import MiniLMProcess
from retinue.models.provider.gate import Gate
from retinue.system.told import told

log = structlog.get_logger()

IDLE_S = 60.0
"""How long the process stays that nobody asks; another is up in a second."""

_BATCH, _BATCH_CHARACTERS = 64, 100_000  # of texts: a second or two
_PATIENCE_S, _PATIENCE_S_PER_CHARACTER = 120.0, 0.01  # a hundred times what it takes
_QUERY_THREADS = 2
_TRIES = 2
_NOT_LOADED = "The model that embeds queries can't be loaded now; the server's log says why."


class LocalEmbedder:
    """Embeds with the model of the package. What serves is loaded when it is first needed."""

    model = minilm.MODEL
    dimensions: int | None = minilm.DIMENSIONS

    def __init__(self, *, threads: int | None = None, idle_s: float = IDLE_S) -> None:
        """`threads` embed passages side by side; as many as there are cores, unless told otherwise."""
        self._threads = threads or _cores()
        self._idle_s = idle_s
        self._process: MiniLMProcess | None = None
        self._closed = False
        self._turn = asyncio.Lock()
        self._ending: asyncio.Task[None] | None = None
        self._pool = ThreadPoolExecutor(_QUERY_THREADS, thread_name_prefix="embed-query")
        self._gate = Gate(_QUERY_THREADS)
        self._loading = asyncio.Lock()
        self._loaded: MiniLM | None = None

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return each passage's vector; calls side by side take turns, a batch each."""
        vectors: list[bytes] = []
        for batch in batches(texts, count=_BATCH, characters=_BATCH_CHARACTERS):
            async with self._turn:
                self._stay()
                try:
                    vectors += await self._embedded(batch)
                finally:
                    self._end_when_idle()
        return vectors

    async def embed_queries(self, texts: Sequence[str], *, project: str) -> list[bytes]:
        """Return each query's vector, after some milliseconds; the first after half a second.

        The first 510 tokens of a query count. Projects take turns, and those who ask in one project, a query each.
        """
        model = await self._model()
        return [await self._query(model, text, project) for text in texts]

    async def close(self) -> None:
        """End the process, whatever it is at, and let the model go."""
        self._closed = True
        if self._process is not None:
            self._process.kill()
        async with self._turn:
            self._stay()
            await self._end()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _embedded(self, texts: Sequence[str]) -> list[bytes]:
        """Ask the process, and where it breaks down another one, once."""
        for _ in range(_TRIES):
            try:
                async with asyncio.timeout(_PATIENCE_S + _PATIENCE_S_PER_CHARACTER * sum(map(len, texts))):
                    return await (await self._running()).ask(texts)
            except (EOFError, OSError) as fault:  # a TimeoutError too
                log.warning("embedding_process_broke_down", why=told(fault))
                await self._end()
            except asyncio.CancelledError:
                await self._end()  # its answer would be taken for the next one's
                raise
        raise EmbeddingFault(
            "The process that embeds documents broke down twice, as it does where there is not memory enough: "
            "its last words are in the server's log.",
            passing=True,
        )

    async def _query(self, model: MiniLM, text: str, project: str) -> bytes:
        place = await self._gate.enter(project)
        embedded = asyncio.get_running_loop().run_in_executor(self._pool, model.query, text)
        embedded.add_done_callback(lambda _: place.leave())
        return await asyncio.shield(embedded)  # a thread stays at its text, and keeps its place, whoever has left

    async def _running(self) -> MiniLMProcess:
        if self._process is not None and not self._process.alive:
            await self._end()
        if self._closed:
            raise EOFError("The server stops.")
        if self._process is None:
            self._process = await MiniLMProcess.start(threads=self._threads)
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()

    def _stay(self) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def _end_when_idle(self) -> None:
        if not self._closed:
            self._ending = asyncio.create_task(self._end_later(), name="end the embedding process")

    async def _end_later(self) -> None:
        await asyncio.sleep(self._idle_s)
        async with self._turn:
            await self._end()

    async def _model(self) -> MiniLM:
        async with self._loading:
            if self._loaded is None:
                try:
                    self._loaded = await asyncio.get_running_loop().run_in_executor(self._pool, MiniLM)
                except Exception as fault:  # whatever libraries raise while they are loaded
                    log.warning("embedding_model_not_loaded", why=told(fault))
                    raise EmbeddingFault(_NOT_LOADED, passing=True) from fault
        return self._loaded


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
