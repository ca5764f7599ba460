"""Functions at work: plain ones in threads of their own, async ones in tasks; none of them can hold up the server."""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct

log = structlog.get_logger()

THREADS = 64
"""Plain functions side by side at most, those included that nobody waits for any more."""


class Ended(Struct, frozen=True):
    """How a function ended: with what the model reads, or with what it raised."""

    output: str = ""
    error: BaseException | None = None


class Work:
    """Runs functions, and knows those that go on after their time.

    Threads are daemons, not a pool of the standard library: that one would wait for a stuck function when the
    process is to end. What a function raises is returned, `SystemExit` too: raised in a task, it would end the server.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._free = asyncio.Semaphore(threads)
        self._abandoned: set[asyncio.Future[Ended]] = set()

    @property
    def stuck(self) -> int:
        """How many functions are still at work that nobody waits for any more."""
        return len(self._abandoned)

    async def in_thread(self, name: str, call: Callable[[], str]) -> Ended:
        """Return how a plain function ended. Once cancelled, it goes on alone: nothing can stop a thread."""
        if self._free.locked():
            log.warning("every thread for functions is busy", function=name, stuck=self.stuck)
        await self._free.acquire()
        return await self._watched(name, self._start(name, call))

    async def in_task(self, name: str, call: Callable[[], Awaitable[str]]) -> Ended:
        """Return how an async function ended. Once cancelled it is left to itself, whether it minds that or not."""
        return await self._watched(name, asyncio.ensure_future(_awaited(call)))

    async def _watched(self, name: str, running: asyncio.Future[Ended]) -> Ended:
        try:
            await asyncio.wait([running])
            return running.result()
        finally:
            if not running.done():
                self._abandon(name, running)

    def _start(self, name: str, call: Callable[[], str]) -> asyncio.Future[Ended]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Ended] = loop.create_future()
        context = contextvars.copy_context()

        def settle(ended: Ended) -> None:
            self._free.release()
            future.set_result(ended)

        def work() -> None:
            ended = context.run(_called, call)
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped meanwhile
                loop.call_soon_threadsafe(settle, ended)

        try:
            threading.Thread(target=work, name=f"tool {name}", daemon=True).start()
        except RuntimeError as error:  # the machine has no thread left
            settle(Ended(error=error))
        return future

    def _abandon(self, name: str, running: asyncio.Future[Ended]) -> None:
        self._abandoned.add(running)
        running.add_done_callback(self._abandoned.discard)
        if isinstance(running, asyncio.Task):
            running.cancel()
        else:
            log.warning("a function goes on in its thread after its time", function=name, stuck=self.stuck)


def _called(call: Callable[[], str]) -> Ended:
    try:
        return Ended(call())
    except BaseException as error:
        return Ended(error=error)


async def _awaited(call: Callable[[], Awaitable[str]]) -> Ended:
    try:
        return Ended(await call())
    except BaseException as error:
        return Ended(error=error)
