"""The seam to what is known of files."""

from collections.abc import Sequence
from typing import Protocol

from retinue.core.errors import RetinueError
from retinue.core.search import Passage, Search
from retinue.core.vector_store import FileError, VectorStore
from retinue.store import Scope

MISSING = (
    "This server can't read documents: what that takes is not installed. On the server: pip install "
    '"retinue[documents]", or in a folder of its source: pip install ".[documents]"'
)


class SearchFault(RetinueError):
    """A search can't be done now; the message is a sentence for people."""


class IngestFault(RetinueError):
    """A document can't be made searchable now; later, perhaps. The message is a sentence for people."""


class Knowledge(Protocol):
    """Makes files in vector stores searchable, and searches them."""

    async def ingest(self, scope: Scope, document: str) -> None:
        """Make a document searchable, or settle it as failed; goes on where a process before this one was stopped.

        Returns at once for a document that isn't there any more, or that needs nothing. Raises IngestFault.
        """
        ...

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        """Return the best passages of these vector stores, best first; raises SearchFault."""
        ...

    async def forget(self, scope: Scope, store: str) -> None:
        """Let go of what is kept beside the database of a vector store that is gone."""
        ...

    async def close(self) -> None:
        """Let go of processes and memory."""
        ...


class NoKnowledge:
    """Knowledge on a server that lacks what documents take: every file fails, with a sentence that says why."""

    def __init__(self, why: str = MISSING) -> None:
        self._why = why

    async def ingest(self, scope: Scope, document: str) -> None:
        """Settle the document as failed."""
        await scope.vector_store_files.settle(document, error=FileError(code="server_error", message=self._why))

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        """Raise SearchFault."""
        raise SearchFault(self._why)

    async def forget(self, scope: Scope, store: str) -> None:
        """Do nothing."""

    async def close(self) -> None:
        """Do nothing."""
