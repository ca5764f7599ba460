"""All that a test of knowledge needs: a store, files in it, and what reads and searches them."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from knowledge.hashed import HashedEmbedder
from retinue.blobs.memory import MemoryBlobs
from retinue.core.attributes import Attributes
from retinue.core.file import File
from retinue.core.ids import new_id
from retinue.core.search import Passage, Search
from retinue.core.vector_store import Chunking, FileDraft, VectorStore, VectorStoreFile
from retinue.knowledge import Knowledge
from retinue.knowledge.embedders import Embedders
from retinue.knowledge.reading.reader import Reader
from retinue.knowledge.service import KnowledgeService
from retinue.store import Scope, Store

NOW = 1_700_000_000.0
SMALL = Chunking(size=100, overlap=0)


class Books:
    """Files of one project, put into vector stores and searched."""

    def __init__(self, store: Store, folder: Path, project: str = "default") -> None:
        self.scope: Scope = store.scoped(project)
        self.store = store
        self.folder = folder
        self.blobs = MemoryBlobs()
        self.embedder = HashedEmbedder()
        self.reader = Reader()
        self.knowledge: Knowledge = self.service(self.embedder)

    def service(self, usual: HashedEmbedder, *others: HashedEmbedder) -> KnowledgeService:
        """Knowledge as a process with these models has it."""
        return KnowledgeService(
            self.blobs, self.reader, Embedders(usual, others), folder=self.folder, index_bytes=64 << 20, threads=2
        )

    def of_project(self, project: str) -> "Books":
        """The same server, as another project sees it."""
        other = Books.__new__(Books)
        other.__dict__ |= {**vars(self), "scope": self.store.scoped(project)}
        return other

    async def shelf(self, id_: str = "vs_1") -> str:
        """Make a vector store."""
        await self.scope.vector_stores.insert(VectorStore(id=id_, created_at=NOW))
        return id_

    async def upload(self, name: str, content: str | bytes) -> str:
        """Make a file."""
        raw = content.encode() if isinstance(content, str) else content

        async def pieces() -> AsyncIterator[bytes]:
            yield raw

        blob = await self.blobs.put(pieces())
        id_ = new_id("file", joint="-")
        await self.scope.files.insert(
            File(
                id=id_, created_at=NOW, name=name, purpose="assistants", size=len(raw), sha256=blob.sha256, blob=blob.id
            )
        )
        return id_

    async def attach(
        self, shelf: str, file: str, chunking: Chunking = SMALL, attributes: Attributes | None = None
    ) -> str:
        """Put a file into a vector store; return its document."""
        draft = FileDraft(file_id=file, chunking=chunking, attributes=attributes or {})
        (attached,) = await self.scope.vector_store_files.attach(shelf, [draft], at=NOW)
        return attached.document

    async def add(self, shelf: str, name: str, content: str | bytes, **options: Any) -> str:
        """Make a file searchable in a vector store; return its id."""
        file = await self.upload(name, content)
        await self.knowledge.ingest(self.scope, await self.attach(shelf, file, **options))
        return file

    async def file(self, document: str) -> VectorStoreFile:
        """Return how a document stands."""
        found = await self.scope.vector_store_files.of_document(document)
        assert found is not None
        return found

    async def ask(
        self, *queries: str, shelves: Sequence[str] = ("vs_1",), limit: int = 10, **options: Any
    ) -> list[Passage]:
        """Search."""
        stores = [await self.scope.vector_stores.get(shelf) for shelf in shelves]
        return await self.knowledge.search(self.scope, stores, Search(queries=queries, limit=limit, **options))

    async def close(self) -> None:
        """Let go of processes and threads."""
        await self.knowledge.close()


def names(passages: Sequence[Passage]) -> list[str]:
    """Return which files were found, the best first."""
    return [passage.file_name for passage in passages]
