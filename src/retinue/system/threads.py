"""What threads do for the event loop."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from anyio import CancelScope

T = TypeVar("T")


async def finished(work: Awaitable[T]) -> T:
    """Await what a thread does, to its end however often the caller is cancelled: nobody touches what it has at hand.

    Then the cancellation is raised.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    with CancelScope(shield=True):  # anyio, which streams answers, would cancel again in every turn of the loop
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as again:
                cancelled = again
    if cancelled:
        if not task.cancelled():
            task.exception()  # nobody will ask for it
        raise cancelled
    return task.result()
