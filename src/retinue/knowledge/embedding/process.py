"""One process that embeds passages, from its start to its end."""

import contextlib
import json
import sys
from asyncio import StreamReader, StreamWriter, create_subprocess_exec, timeout
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

from retinue.knowledge.embedding import minilm

_START_S = 60.0  # until it can be asked: a second, unless the machine has much else to do
_VECTOR_BYTES = 2 * minilm.DIMENSIONS


class MiniLMProcess:
    """Answers texts with vectors. Once `ask` raised or was cancelled, there is nothing to do with it but to end it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *, threads: int) -> "MiniLMProcess":
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up."""
        # a session of its own: a Ctrl-C is the server's, which may still let runs end
        command = (sys.executable, "-P", minilm.__file__, str(threads))
        started = cls(await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True))
        try:
            async with timeout(_START_S):
                await started._stdout.readuntil()  # it has loaded the model
        except BaseException:
            await started.end()
            raise
        return started

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.returncode is None

    async def ask(self, texts: Sequence[str]) -> list[bytes]:
        """Return a vector for each text; raises EOFError or OSError if it dies of the question."""
        self._stdin.write(json.dumps(texts).encode() + b"\n")  # json, and not msgspec, writes half surrogate pairs
        await self._stdin.drain()
        vectors = await self._stdout.readexactly(len(texts) * _VECTOR_BYTES)
        return [vectors[start : start + _VECTOR_BYTES] for start in range(0, len(vectors), _VECTOR_BYTES)]

    def kill(self) -> None:
        """Have it die; who waits for its answer gets an EOFError."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill it and clear it away."""
        self.kill()
        await self._process.communicate()

    @property
    def _stdin(self) -> StreamWriter:
        assert self._process.stdin is not None, "it was started with pipes"
        return self._process.stdin

    @property
    def _stdout(self) -> StreamReader:
        assert self._process.stdout is not None, "it was started with pipes"
        return self._process.stdout
