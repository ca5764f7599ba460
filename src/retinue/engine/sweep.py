"""Clears away, once after the start, the blobs that a crash left without an owner."""

import structlog

from retinue.blobs import Blobs
from retinue.core.errors import StoreFault
from retinue.store import Store

log = structlog.get_logger()


async def sweep(store: Store, blobs: Blobs) -> int:
    """Delete every blob of a process before this one that no row owns; return how many there were.

    A row is stored after its blob and deleted before it, by this process too: what has no row now gets none any more.
    """
    cleared = 0
    try:
        async for batch in blobs.earlier():
            for blob in await store.unowned_blobs(batch):
                await blobs.delete(blob)
                cleared += 1
    except (StoreFault, OSError) as fault:
        log.error("sweep_broken_off", why=str(fault))  # the next start tries again
    if cleared:
        log.info("cleared away files that a crash left half stored", files=cleared)
    return cleared
