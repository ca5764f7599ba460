"""Functions at work: plain ones in threads of their own, async ones in tasks; none of them can hold up the server."""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Awaitable, Callable

import structlog
from msgspec import Struct

from retinue.tools.declaration import ToolError

log = structlog.get_logger()

THREADS = 64
"""Plain functions side by side at most, those included that nobody waits for any more."""
THREADS_OF_ONE = 16
"""Calls of the same function among them, so that one that is stuck leaves threads to the others."""
PATIENCE_S = 5.0
"""For a thread to become free where some are stuck: they may well never end."""


class Busy(ToolError):
    """No thread became free for a function: it was not called."""


class Ended(Struct, frozen=True):
    """How a function ended: with what the model reads, or with what it raised."""

    output: str = ""
    error: BaseException | None = None


class Work:
    """Runs functions, and knows those that go on after their time.

    Threads are daemons, not a pool of the standard library: that one would wait for a stuck function when the
    process is to end. What a function raises is returned, `SystemExit` too: raised in a task, it would end the server.
    """

    def __init__(self, threads: int = THREADS, of_one: int = THREADS_OF_ONE, patience_s: float = PATIENCE_S) -> None:
        self._free = asyncio.Semaphore(threads)
        self._free_for: dict[str, asyncio.Semaphore] = {}
        self._of_one, self._patience_s = of_one, patience_s
        self._abandoned: set[asyncio.Future[Ended]] = set()

    @property
    def stuck(self) -> int:
        """How many functions are still at work that nobody waits for any more."""
        return len(self._abandoned)

    async def place(self, name: str, *, patience_s: float) -> contextlib.ExitStack:
        """Return a place for a function's thread, to be closed when the call is over; raises Busy where none is free.

        With nothing stuck, those that keep the places end or are given up in time, and `patience_s` is waited for one.
        """
        of_one = self._free_for.setdefault(name, asyncio.Semaphore(self._of_one))
        if self.stuck:
            patience_s = min(patience_s, self._patience_s)
        try:
            with contextlib.ExitStack() as place:
                async with asyncio.timeout(patience_s):
                    for free in (of_one, self._free):  # in this order: who waits for its like keeps nobody else out
                        await free.acquire()
                        place.callback(free.release)
                return place.pop_all()
        except TimeoutError:
            log.warning("every thread for a function is busy", function=name, stuck=self.stuck)
            raise Busy(f"'{name}' was not run: all threads are busy with functions that do not end.") from None

    async def in_thread(self, name: str, call: Callable[[], str], place: contextlib.ExitStack) -> Ended:
        """Return how a plain function ended. Once cancelled, it goes on alone and keeps its place until it ends."""
        running = self._start(name, call)
        try:
            return await self._watched(name, running)
        finally:
            if not running.done():  # nothing can stop a thread
                kept = place.pop_all()
                running.add_done_callback(lambda _: kept.close())

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

        def work() -> None:
            ended = context.run(_called, call)
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has stopped meanwhile
                loop.call_soon_threadsafe(future.set_result, ended)

        try:
            threading.Thread(target=work, name=f"tool {name}", daemon=True).start()
        except RuntimeError as error:  # the machine has no thread left
            future.set_result(Ended(error=error))
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
