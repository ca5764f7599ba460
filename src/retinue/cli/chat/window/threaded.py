"""The line as any terminal gives it, where no event loop can wait for it: on Windows."""

import asyncio
import contextlib
import threading
from typing import TextIO

from retinue.cli.chat.window.interrupts import Interrupts
from retinue.cli.chat.window.line import MARK, PLAIN_KEYS, Interrupted, show_mark


class ThreadedLine:
    """See `Line`. A thread waits for the line; Ctrl-C leaves it waiting, and the next call has what it gets."""

    keys = PLAIN_KEYS

    def __init__(self, source: TextIO, out: TextIO, interrupts: Interrupts) -> None:
        self._source, self._out, self._interrupts = source, out, interrupts
        self._typed: asyncio.Future[str] | None = None

    async def read(self, mark: str = MARK, *, draft: str = "") -> str:
        """See `Line.read`; a draft can only be shown."""
        show_mark(self._out, mark, draft)
        typed = self._typed = self._typed or self._begun()
        interrupted = asyncio.Event()
        typed.add_done_callback(lambda _: interrupted.set())
        with self._interrupts.to(interrupted.set):
            await interrupted.wait()
        if not typed.done():
            self._out.write("\n")
            raise Interrupted
        self._typed = None
        if not (line := typed.result()):
            raise EOFError
        return line.removesuffix("\n")

    def _begun(self) -> "asyncio.Future[str]":
        loop = asyncio.get_running_loop()
        typed: asyncio.Future[str] = loop.create_future()

        def wait() -> None:
            line = self._source.readline()
            with contextlib.suppress(RuntimeError):  # the loop is closed: the conversation is over
                loop.call_soon_threadsafe(typed.set_result, line)

        threading.Thread(target=wait, daemon=True, name="line").start()  # nobody waits for it at the end
        return typed
