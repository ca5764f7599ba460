"""How a file's text is cut into chunks, as callers ask for it."""

from msgspec import Struct

from retinue.core.chunking import Grid

_WINDOW = 200  # tokens at most: what a small embedding model takes in whole


class ChunkingStrategy(Struct, frozen=True, kw_only=True):
    """Chunks of at most so many tokens, each beginning with the last ones of the chunk before; at most half of it."""

    max_chunk_size_tokens: int = 800
    chunk_overlap_tokens: int = 400

    @property
    def window_tokens(self) -> int:
        """The most tokens of a window: chunks are made of windows of equal size."""
        return self.max_chunk_size_tokens // self._per_chunk

    @property
    def grid(self) -> Grid:
        """How the chunks lie over the windows; where these do not meet the overlap exactly, it is larger."""
        apart = (self.max_chunk_size_tokens - self.chunk_overlap_tokens) // self.window_tokens
        return Grid(per_chunk=self._per_chunk, step=max(1, apart))

    @property
    def _per_chunk(self) -> int:
        return max(-(-self.max_chunk_size_tokens // _WINDOW), 2 if self.chunk_overlap_tokens else 1)
