"""Long tool outputs, got back whole from where they are kept."""

import contextlib
from collections.abc import Sequence

from msgspec import structs

from retinue.blobs import Blobs
from retinue.core.errors import BlobMissing
from retinue.core.item import Placed, ToolOutput

DENSEST = 16
"""Characters a token at most, roughly: a text with more of them than have room at that rate is not even counted."""


async def with_wholes(items: Sequence[Placed], tokens: int, *, blobs: Blobs) -> Sequence[Placed]:
    """Return the items with those outputs whole that may have room among so many tokens."""
    if not any(isinstance(placed.item, ToolOutput) for placed in items):
        return items
    return [await _whole(placed, blobs, DENSEST * tokens) for placed in items]


async def _whole(placed: Placed, blobs: Blobs, most: int) -> Placed:
    item = placed.item
    if not isinstance(item, ToolOutput) or item.blob is None or (item.size or 0) > most:
        return placed
    try:
        async with contextlib.aclosing(blobs.open(item.blob)) as pieces:
            whole = b"".join([piece async for piece in pieces])
    except BlobMissing:  # its thread is being deleted, and the run with it
        return placed
    return structs.replace(placed, item=structs.replace(item, output=whole.decode(), blob=None, size=None))
