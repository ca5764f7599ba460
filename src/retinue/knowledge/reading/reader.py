"""Reads files, whatever is in them, in processes that can be killed."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path, PurePath

import msgspec
import structlog

from retinue.core.vector_store import Chunking
from retinue.knowledge.reading.base import HINDERED, Batch, ReadingFault, ReadingStopped, Unreadable
from retinue.knowledge.reading.frames import Asked, Failed, Finished, Frame, Hindered
from retinue.knowledge.reading.process import ReadingProcess
from retinue.system.told import told

log = structlog.get_logger()

PATIENCE_S = 60  # for a page, or for a whole file of a type that is read in one piece
LONGEST_S = 600.0  # for a file, not counting the time that it waits for whoever takes its windows
_FLOOR_S = 60.0  # for a small file,
_S_PER_MB = 30.0  # and for each MB of it; unpacked, that may be 250
MOST_TOKENS = 5_000_000  # of a file, as in the hosted API: 20 MB of text; an index takes in a file whole
_DEATHS = 2  # of fresh processes at one place of a file, which then is at fault; one may be the system's doing

_NOT_STARTED = "The process that reads files does not start; the server's log says why."
_TOO_SLOW = "Reading the file takes too long. Split it into smaller files, or save it in a simpler form, such as text."
_BROKE_DOWN = (
    "Reading the file broke down: it is damaged, or needs more memory than it may have. Save it anew, or in parts."
)


class Reader:
    """Has files read, each within its own time and memory; one that breaks its process down harms no other.

    One with more windows than `most_tokens` would fill is refused, before the first where its size lets that be feared.
    """

    def __init__(
        self,
        *,
        processes: int = 1,
        patience_s: int = PATIENCE_S,
        longest_s: float = LONGEST_S,
        most_tokens: int = MOST_TOKENS,
    ) -> None:
        self._places = asyncio.Semaphore(processes)
        self._patience_s = patience_s
        self._longest_s = longest_s
        self._most_tokens = most_tokens
        self._idle: list[ReadingProcess] = []
        self._asked: set[ReadingProcess] = set()
        self._closed = False

    async def read(self, path: Path, name: str, chunking: Chunking, *, skip: int = 0) -> AsyncGenerator[Batch, None]:
        """Yield the file's windows in order, from number `skip` on: a file is cut the same way every time.

        Reading waits while nobody takes them; close the iterator (`contextlib.aclosing`) to break it off. The name
        tells the type where the content leaves it open. Raises Unreadable; ReadingFault, where no process comes up or
        the system does not let it read; or ReadingStopped once `close` was called.
        """
        asked = Asked(os.fsencode(path), PurePath(name).suffix.lower(), chunking.window_tokens, skip, self._most_tokens)
        left = _Left(min(self._longest_s, seconds_for(_size_of(path))))
        deaths = 0
        async with self._places:
            while True:
                process, is_new = await self._process()
                try:
                    async with aclosing(self._answers(process, asked, left)) as answers:
                        async for batch in answers:
                            asked = msgspec.structs.replace(asked, skip=batch.windows[-1].number + 1)
                            deaths = 0
                            yield batch
                    return
                except (EOFError, OSError) as fault:
                    log.warning("reading_process_broke_down", why=str(fault))
                    if self._closed:
                        raise ReadingStopped("The server stops.") from fault
                    deaths += is_new  # in another, earlier files may have used the memory up
                    if deaths >= _DEATHS:
                        raise Unreadable("server_error", _BROKE_DOWN) from fault

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        self._closed = True
        for process in self._asked:
            process.kill()
        while self._idle:
            await self._idle.pop().end()

    async def _answers(self, process: ReadingProcess, asked: Asked, left: "_Left") -> AsyncGenerator[Batch, None]:
        """Yield what a process says of a file; keep the process if it is as good as before."""
        self._asked.add(process)
        is_sound = False
        try:
            await process.ask(asked)
            while True:
                match answer := await left.answer(process, self._patience_s):
                    case Batch():
                        if answer.windows:
                            yield answer
                    case Finished():
                        is_sound = True
                        return
                    case Failed(code, message, detail):
                        is_sound = True
                        if detail:
                            log.warning("file_not_read", why=detail)
                        raise Unreadable(code, message)
                    case Hindered(why, detail):  # the process is ended: it may be what has too many files open
                        log.warning("file_not_read", why=detail)
                        raise ReadingFault(HINDERED.format(why))
        finally:
            self._asked.discard(process)
            if is_sound and not self._closed:
                self._idle.append(process)
            else:
                await process.end()

    async def _process(self) -> tuple[ReadingProcess, bool]:
        """Return a process and whether it is new."""
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process, False
            await process.end()
        if self._closed:
            raise ReadingStopped("The server stops.")
        try:
            return await ReadingProcess.start(patience_s=self._patience_s), True
        except (EOFError, OSError) as fault:  # a TimeoutError too
            log.warning("reading_process_not_started", why=told(fault))
            raise ReadingFault(_NOT_STARTED) from fault


def seconds_for(size: int) -> float:
    """Return how long a file of so many bytes may take: the others wait for it."""
    return min(LONGEST_S, _FLOOR_S + _S_PER_MB * size / 1_000_000)


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


class _Left:
    """What is left of a file's time, however many processes die of it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def answer(self, process: ReadingProcess, patience_s: float) -> Frame:
        """Return the next that a process says; raises Unreadable where that takes too long."""
        clock = asyncio.get_running_loop().time
        since = clock()
        try:
            async with asyncio.timeout(min(patience_s, self._seconds)):
                return await process.answer()
        except TimeoutError:
            raise Unreadable("server_error", _TOO_SLOW) from None
        finally:
            self._seconds -= clock() - since
