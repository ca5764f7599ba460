"""One process that reads schemas, from its start to its end."""

import contextlib
import math
import sys
from asyncio import StreamReader, StreamWriter, create_subprocess_exec, timeout
from asyncio.subprocess import PIPE, Process
from pathlib import Path

WORKER = Path(__file__).with_name("worker.py")
_START_S = 30.0  # until it can be asked: some tenths of a second, unless the machine has much else to do


class SchemaProcess:
    """Answers a line with a line. Once `ask` raised or was cancelled, there is nothing to do with it but to end it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *, patience_s: float) -> "SchemaProcess":
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up."""
        # a session of its own: a Ctrl-C is the server's, which may still let runs end
        command = (sys.executable, "-P", str(WORKER), str(math.ceil(patience_s) + 1))
        started = cls(await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True))
        try:
            async with timeout(_START_S):
                await started._stdout.readuntil()  # it has imported all that it needs
        except BaseException:
            await started.end()
            raise
        return started

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.returncode is None

    async def ask(self, line: bytes) -> bytes:
        """Return its answer; raises EOFError or OSError if it dies of the question."""
        self._stdin.write(line + b"\n")
        await self._stdin.drain()
        return await self._stdout.readuntil()

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
