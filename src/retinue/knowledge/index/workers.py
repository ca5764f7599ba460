"""The threads that search and build indexes, so that the event loop does not."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from retinue.system.threads import finished

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """A few threads. More than there are cores would only share what memory can deliver."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="index")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await what a thread does, to its end even when the caller is cancelled: nobody else enters meanwhile."""
        return await finished(asyncio.wrap_future(self._threads.submit(work, *args, **kwargs)))

    def close(self) -> None:
        """Let the threads end what they do."""
        self._threads.shutdown()
