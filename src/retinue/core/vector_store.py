"""Vector stores: files that file search looks through."""

from msgspec import Struct

from retinue.core.assistant import Metadata


class VectorStore(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored vector store; its files are rows of their own."""

    id: str
    created_at: float
    name: str | None = None
    assistant_id: str | None = None
    """The assistant that it was made for and goes with: its files are those that a v1 client attached."""
    metadata: Metadata = {}
