"""Whether schemas are sound and texts fit them, asked of a process that can be killed.

A schema can be written so that fitting a short text to it takes years, and neither a thread nor a lock of Python's can
be taken from what does it. Both are hostile input, so the work is done where its end can be brought about.
"""

import asyncio
import contextlib
import math
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

log = structlog.get_logger()

WORKER = Path(__file__).with_name("worker.py")
PATIENCE_S = 5.0  # a text of 10 KB takes a millisecond

_TOO_SLOW = "checking it takes too long: make it simpler"
_BROKE_DOWN = "checking it broke down, as it does where there is not memory enough: make it simpler"


class Found(Struct, frozen=True, kw_only=True):
    """What is wrong, in words that follow a colon; both None is that the text fits."""

    schema: str | None = None
    text: str | None = None


class SchemaChecker:
    """Asks the process, which is started when it is first asked and anew after it was killed."""

    def __init__(self, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._encode = msgspec.json.Encoder().encode
        self._decode = msgspec.json.Decoder(Found).decode

    async def check(self, schema: str, text: str | None = None) -> Found:
        """Return what is wrong with the schema, or with the JSON text under it; never raises for either."""
        line = self._encode({"schema": schema, "text": text})
        async with self._turn:
            # anew in a process without a past: another's schemas may have used its memory up
            found = await self._tried(line) or await self._tried(line)
            return found or Found(schema=_BROKE_DOWN)

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._kill()

    async def _tried(self, line: bytes) -> Found | None:
        """Return the process's answer; None if it broke down."""
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._asked(line)
        except TimeoutError:
            await self._kill()
            return Found(schema=_TOO_SLOW)
        except (EOFError, OSError) as fault:
            await self._kill()
            log.warning("schema_process_broke_down", why=str(fault))
            return None
        except asyncio.CancelledError:
            await self._kill()  # its answer would be taken for the next one's
            raise

    async def _asked(self, line: bytes) -> Found:
        process = self._process
        if process is None or process.returncode is not None:
            process = await self._start()
        assert process.stdin is not None, "it was started with pipes"
        assert process.stdout is not None, "it was started with pipes"
        process.stdin.write(line + b"\n")
        await process.stdin.drain()
        return self._decode(await process.stdout.readuntil())

    async def _start(self) -> Process:
        # a session of its own: a Ctrl-C is the server's, which may still let runs end
        command = (sys.executable, "-P", str(WORKER), str(math.ceil(self._patience_s) + 1))
        self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
