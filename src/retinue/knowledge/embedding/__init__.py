"""Texts to vectors whose nearness is that of what they mean. Its seam is `Embedder`."""

from retinue.knowledge.embedding.base import Embedder, EmbeddingFault

__all__ = ["Embedder", "EmbeddingFault"]
