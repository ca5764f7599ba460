"""The seam to models that turn texts into vectors."""

from collections.abc import Sequence
from typing import Protocol

from retinue.core.errors import RetinueError


class EmbeddingFault(RetinueError):
    """Texts could not be embedded; the message is one sentence for people.

    `passing` is whether the same texts may be embedded later: when a provider is up again, or has another key.
    `refused` is whether that takes somebody to change something: the provider takes no such key, or has no such model.
    """

    def __init__(self, message: str, *, passing: bool, refused: bool = False) -> None:
        super().__init__(message)
        self.passing = passing
        self.refused = refused


class Embedder(Protocol):
    """Turns texts into vectors of length 1. One value serves any number of calls side by side.

    Any text will do: an empty one and half a surrogate pair have vectors too.
    """

    @property
    def model(self) -> str:
        """The model's name: vectors of one model say nothing to those of another."""
        ...

    @property
    def dimensions(self) -> int | None:
        """How many numbers a vector has; None until that is known."""
        ...

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return each passage's vector as little-endian float16; raises EmbeddingFault."""
        ...

    async def embed_queries(self, texts: Sequence[str], *, project: str) -> list[bytes]:
        """Return each query's vector as little-endian float32; raises EmbeddingFault.

        They wait for no passages; whoever asks side by side takes turns. Of a query that is too long for the model, the
        beginning counts.
        """
        ...

    async def close(self) -> None:
        """Let go of processes and memory."""
        ...
