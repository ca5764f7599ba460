"""Whether schemas are sound and texts fit them, asked of processes that can be killed.

A schema can be written so that fitting a short text to it takes years, and neither a thread nor a lock of Python's can
be taken from what does it. Both are hostile input, so the work is done where its end can be brought about.
"""

import asyncio

import msgspec
import structlog
from msgspec import Struct

from retinue.schemas.process import SchemaProcess
from retinue.system.told import told

log = structlog.get_logger()

PROCESSES = 2
PATIENCE_S = 1.0  # a text of 10 KB takes a millisecond
_REMEMBERED_S = 60.0  # that a schema is not tried again after it took too long: the machine may have been the slow one
_REMEMBERED = 1_000  # schemas

_TOO_SLOW = "checking it takes too long: make it simpler"
_BROKE_DOWN = "checking it broke down, as it does where there is not memory enough: make it simpler"


class Found(Struct, frozen=True, kw_only=True):
    """What is wrong, in words that follow a colon; both None is that the text fits."""

    schema: str | None = None
    text: str | None = None


class SchemaChecker:
    """Asks the processes, which are started when they are first needed and anew after they were killed."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._places = asyncio.Semaphore(PROCESSES)
        self._idle: list[SchemaProcess] = []
        self._asked: set[SchemaProcess] = set()
        self._closed = False
        self._slow: dict[int, float] = {}
        """By the hash of a schema that took too long, when it may be tried again; the oldest first."""
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Found).decode

    async def check(self, schema: str, text: str | None = None) -> Found:
        """Return what is wrong with the schema, or with the JSON text under it; never raises for either."""
        line = self._encode({"schema": schema, "text": text})
        async with self._places:
            if self._is_slow(schema):
                return Found(schema=_TOO_SLOW)
            try:
                # anew in a process without a past: another's schemas may have used its memory up
                answer = await self._tried(line) or await self._tried(line)
            except TimeoutError:
                self._note_slow(schema)
                return Found(schema=_TOO_SLOW)
        return self._decode(answer) if answer else Found(schema=_BROKE_DOWN)

    async def close(self) -> None:
        """End the processes, whatever they are at."""
        self._closed = True
        for process in self._asked:
            process.kill()
        while self._idle:
            await self._idle.pop().end()

    async def _tried(self, line: bytes) -> bytes | None:
        """Return a process's answer; None if it broke down. Raises TimeoutError."""
        try:
            process = await self._process()
        except (EOFError, OSError) as fault:  # a TimeoutError too, and that is not the schema's
            log.warning("schema_process_not_started", why=told(fault))
            return None
        self._asked.add(process)
        try:
            async with asyncio.timeout(self._patience_s):
                answer = await process.ask(line)
        except (TimeoutError, asyncio.CancelledError):
            await process.end()  # its answer would be taken for the next one's
            raise
        except (EOFError, OSError) as fault:
            await process.end()
            log.warning("schema_process_broke_down", why=str(fault))
            return None
        finally:
            self._asked.discard(process)
        self._idle.append(process)
        return answer

    async def _process(self) -> SchemaProcess:
        while self._idle:
            process = self._idle.pop()
            if process.alive:
                return process
            await process.end()
        if self._closed:
            raise EOFError("The server stops.")
        return await SchemaProcess.start(patience_s=self._patience_s)

    def _is_slow(self, schema: str) -> bool:
        return self._slow.get(hash(schema), 0.0) > asyncio.get_running_loop().time()

    def _note_slow(self, schema: str) -> None:
        self._slow.pop(hash(schema), None)
        self._slow[hash(schema)] = asyncio.get_running_loop().time() + _REMEMBERED_S
        if len(self._slow) > _REMEMBERED:
            del self._slow[next(iter(self._slow))]
