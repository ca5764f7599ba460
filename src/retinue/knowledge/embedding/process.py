"""One process that embeds passages, from its start to its end."""

import json
from collections.abc import Sequence

from retinue.knowledge.embedding import minilm
from retinue.system.child import Child

_START_S = 60.0  # until it can be asked: a second, unless the machine has much else to do
_VECTOR_BYTES = 2 * minilm.DIMENSIONS


class MiniLMProcess(Child):
    """Answers texts with vectors. Once `ask` raised or was cancelled, there is nothing to do with it but to end it."""

    @classmethod
    async def start(cls, *, threads: int) -> "MiniLMProcess":
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up."""
        return await cls.launch(minilm.__file__, str(threads), patience_s=_START_S)

    async def ask(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text; raises EOFError or OSError if it dies of the question."""
        self.stdin.write(json.dumps(texts).encode() + b"\n")  # json, and not msgspec, writes half surrogate pairs
        await self.stdin.drain()
        vectors = await self.stdout.readexactly(len(texts) * _VECTOR_BYTES)
        return [vectors[start : start + _VECTOR_BYTES] for start in range(0, len(vectors), _VECTOR_BYTES)]
