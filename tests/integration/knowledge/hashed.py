"""A model for tests: texts that share words have vectors that are near each other."""

import struct
from collections.abc import Sequence

from retinue.knowledge.embedding import EmbeddingFault
from retinue.models.rehearsal.embeddings import embedding


class HashedEmbedder:
    """Embeds by hashing words. It may be told to fail so many times, and notes what it was given."""

    def __init__(self, model: str = "hashed", dimensions: int = 64) -> None:
        self.model = model
        self.dimensions: int | None = dimensions
        self._dimensions = dimensions
        self.embedded: list[str] = []
        self.failures = 0

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        if self.failures:
            self.failures -= 1
            raise EmbeddingFault("The model does not answer.", passing=True)
        self.embedded += texts
        return [struct.pack(f"<{self._dimensions}e", *embedding(text, self._dimensions)) for text in texts]

    async def embed_queries(self, texts: Sequence[str], *, project: str) -> list[bytes]:
        if self.failures:
            self.failures -= 1
            raise EmbeddingFault("The model does not answer.", passing=True)
        return [struct.pack(f"<{self._dimensions}f", *embedding(text, self._dimensions)) for text in texts]

    async def close(self) -> None:
        """Do nothing."""
