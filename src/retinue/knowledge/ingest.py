"""From a file in a vector store to what is searched of it: read, embedded and stored, a slab at a time."""

import time
from contextlib import aclosing

import structlog

from retinue.blobs import Blobs
from retinue.core.errors import BlobMissing, NotFound, RetinueError
from retinue.core.file import File
from retinue.core.vector_store import Embedding, FileError, FileErrorCode, Slab, VectorStoreFile, Window
from retinue.knowledge.base import IngestFault
from retinue.knowledge.embedders import Embedders, OtherModel
from retinue.knowledge.embedding import Embedder, EmbeddingFault
from retinue.knowledge.reading.base import HINDERED, Batch, ReadingFault, Unreadable
from retinue.knowledge.reading.reader import Reader
from retinue.store import Scope

log = structlog.get_logger()

_GONE = "The file's content is not on this server. Upload the file again and attach that one."


class Ingest:
    """Makes documents searchable. What is stored of one stays: who comes after a crash goes on behind it."""

    def __init__(self, blobs: Blobs, reader: Reader, embedders: Embedders) -> None:
        self._blobs, self._reader, self._embedders = blobs, reader, embedders

    async def ingest(self, scope: Scope, document: str) -> None:
        """See `Knowledge.ingest`."""
        attached = await _awaited(scope, document)
        if attached is None:
            return
        began = time.monotonic()
        try:
            file = await scope.files.get(attached.file_id)
            embedding = await self._embedding(scope, attached)
            if await _copied(scope, attached, embedding) or await self._read(scope, file, attached, embedding):
                await _settle(scope, attached, began)
        except (ReadingFault, OSError) as fault:  # of the folder that files lie in; they are opened elsewhere
            why = fault.message if isinstance(fault, ReadingFault) else HINDERED.format(fault.strerror or fault)
            await scope.vector_store_files.wait(document, error=FileError(code="server_error", message=why))
            raise IngestFault(why) from fault
        except (Unreadable, OtherModel, EmbeddingFault, NotFound, BlobMissing) as fault:
            if isinstance(fault, EmbeddingFault) and fault.passing:
                await scope.vector_store_files.wait(document, error=_error(fault))
                raise IngestFault(fault.message, refused=fault.refused) from fault
            if await scope.vector_store_files.settle(document, error=_error(fault)):
                log.info("file_not_searchable", file=attached.file_id, store=attached.store_id, why=fault.message)

    async def _embedding(self, scope: Scope, attached: VectorStoreFile) -> Embedding:
        """Return whose vectors the vector store holds; with its first document that is decided."""
        store = await scope.vector_stores.get(attached.store_id)
        if store.embedding:
            return store.embedding
        return await scope.vector_stores.embed_with(store.id, await self._embedders.usual())

    async def _read(self, scope: Scope, file: File, attached: VectorStoreFile, embedding: Embedding) -> bool:
        """Store all windows that are not stored yet; return whether all are: nobody may want them any more.

        Where another worker stores some meanwhile, as one does whose lease ran out, this one goes on behind them.
        """
        embedder, begun = await self._embedders.of(embedding), -1
        while await _awaited(scope, attached.document):
            skip = await scope.documents.stored(attached.document)
            if skip == begun:  # nobody stored anything: what is read is not what is awaited
                raise AssertionError(f"The reader of {attached.document} does not go on with window {skip}.")
            if await self._read_on(scope, file, attached, embedder, skip=skip):
                return True
            begun = skip
        return False

    async def _read_on(
        self, scope: Scope, file: File, attached: VectorStoreFile, embedder: Embedder, *, skip: int
    ) -> bool:
        """Store the windows behind these; return whether the end was reached, and no other worker stored one first."""
        expected = attached.windows
        async with (
            self._blobs.as_file(file.blob) as path,
            aclosing(self._reader.read(path, file.name, attached.chunking, skip=skip)) as batches,
        ):
            async for batch in batches:
                vectors = await embedder.embed([window.text for window in batch.windows])
                windows = [Window(number=it.number, page=it.page, text=it.text) for it in batch.windows]
                if not await scope.documents.add(attached.document, windows, _slab(batch, vectors)):
                    return False
                if batch.of > expected:
                    await scope.vector_store_files.expect(attached.document, windows=batch.of)
                    expected = batch.of
        return True


async def _awaited(scope: Scope, document: str) -> VectorStoreFile | None:
    """Return the file that is to be read as this document, if it still is."""
    attached = await scope.vector_store_files.of_document(document)
    return attached if attached and attached.status == "in_progress" else None


async def _copied(scope: Scope, attached: VectorStoreFile, embedding: Embedding) -> bool:
    """Take over what another vector store has of the same file; return whether that was all."""
    twin = await scope.documents.twin(attached, embedding)
    if twin is None:
        return False
    while await scope.documents.copy(twin.document, attached.document):
        pass
    return await scope.documents.stored(attached.document) == twin.windows


async def _settle(scope: Scope, attached: VectorStoreFile, began: float) -> None:
    windows = await scope.documents.stored(attached.document)
    size = await scope.documents.size(attached.document)
    if await scope.vector_store_files.settle(attached.document, usage_bytes=size, windows=windows):
        took = round(time.monotonic() - began, 2)
        log.info("file_searchable", file=attached.file_id, store=attached.store_id, windows=windows, seconds=took)


def _slab(batch: Batch, vectors: list[bytes]) -> Slab:
    first = batch.windows[0].number
    return Slab(first=first, count=len(batch.windows), vectors=b"".join(vectors), terms=batch.terms)


def _error(fault: RetinueError) -> FileError:
    code: FileErrorCode = fault.failure if isinstance(fault, Unreadable) else "server_error"
    return FileError(code=code, message=_GONE if isinstance(fault, NotFound | BlobMissing) else fault.message)
