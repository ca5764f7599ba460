"""Whether schemas are sound and texts fit them, asked of a process that can be killed.

A schema can be written so that fitting a short text to it takes years, and neither a thread nor a lock of Python's can
be taken from what does it. Both are hostile input, so the work is done where its end can be brought about.
"""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import msgspec
from msgspec import Struct

WORKER = Path(__file__).with_name("worker.py")
PATIENCE_S = 5.0  # a text of 10 KB takes a millisecond

_TOO_MUCH = "checking it takes too long: make it simpler"


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
            try:
                async with asyncio.timeout(self._patience_s):
                    return await self._asked(line)
            except (TimeoutError, EOFError, OSError):  # too slow, or it has died of it
                await self._kill()
                return Found(schema=_TOO_MUCH)
            except asyncio.CancelledError:
                await self._kill()  # its answer would be taken for the next one's
                raise

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._kill()

    async def _asked(self, line: bytes) -> Found:
        process = self._process or await self._start()
        assert process.stdin is not None, "it was started with pipes"
        assert process.stdout is not None, "it was started with pipes"
        process.stdin.write(line + b"\n")
        await process.stdin.drain()
        return self._decode(await process.stdout.readuntil())

    async def _start(self) -> Process:
        # a session of its own: a Ctrl-C is the server's, which may still let runs end
        command = (sys.executable, "-P", str(WORKER))
        self._process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        return self._process

    async def _kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
