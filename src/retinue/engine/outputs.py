"""Long tool outputs: whole as blobs, their two ends in the row."""

import contextlib
from collections.abc import AsyncIterator, Mapping

from retinue.blobs import Blobs
from retinue.core.cutting import cut_middle
from retinue.core.outputs import Kept

LONGEST = 256 << 10
"""Characters of an output that stands in its row as it is."""
LONGEST_OF_CODE = 512 << 10
"""The same of what code printed: lists of steps show it whole, a traceback behind 256 KB too."""
_ENDS = 64 << 10  # characters that the row has of a longer one: what a model with a common context can take of it
_PIECE = 1 << 20


async def keep(blobs: Blobs, text: str, *, longest: int = LONGEST) -> Kept:
    """Return what to store of a tool's output; what is long is written to a blob, to which the row is to give an owner.

    A blob whose row never comes is cleared away by the next start.
    """
    if len(text) <= longest:
        return Kept(text)
    blob = await blobs.put(_pieces(text))
    return Kept(cut_middle(text, _ENDS), blob=blob.id, size=len(text))


@contextlib.asynccontextmanager
async def kept(blobs: Blobs, outputs: Mapping[str, str]) -> AsyncIterator[Mapping[str, Kept]]:
    """Yield what to store of outputs; the blobs are deleted if what is done here is refused."""
    made: dict[str, Kept] = {}
    try:
        for call_id, text in outputs.items():
            made[call_id] = await keep(blobs, text)
        yield made
    except Exception:  # not if it is cancelled: the write may be under way all the same
        for output in made.values():
            if output.blob is not None:
                await blobs.delete(output.blob)
        raise


async def _pieces(text: str) -> AsyncIterator[bytes]:
    for at in range(0, len(text), _PIECE):
        yield text[at : at + _PIECE].encode()
