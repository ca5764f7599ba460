"""One process that reads files, from its start to its end."""

import contextlib
import sys
from asyncio import StreamReader, StreamWriter, create_subprocess_exec, timeout
from asyncio.subprocess import PIPE, Process

from retinue.knowledge.reading.frames import LENGTH, Asked, Frame, frame_of, framed

WORKER = "retinue.knowledge.reading.worker"
_START_S = 60.0  # until it can be asked: half a second, unless the machine has much else to do
_IDLE_S = 60  # without a file, after which it ends


class ReadingProcess:
    """Answers a question with frames. Where that raised or was broken off, all there is to do with it is to end it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, *, patience_s: int) -> "ReadingProcess":
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up."""
        # a session of its own: a Ctrl-C is the server's, which may still let a file end
        command = (sys.executable, "-P", "-m", WORKER, str(patience_s), str(_IDLE_S))
        started = cls(await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, start_new_session=True))
        try:
            async with timeout(_START_S):
                await started.answer()  # it has imported all that it needs
        except BaseException:
            await started.end()
            raise
        return started

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.returncode is None

    async def ask(self, asked: Asked) -> None:
        """Have it read a file; raises OSError if it is gone."""
        self._stdin.write(framed(asked))
        await self._stdin.drain()

    async def answer(self) -> Frame:
        """Return the next that it says; raises EOFError or OSError if it dies of the question."""
        head = await self._stdout.readexactly(LENGTH.size)
        return frame_of(await self._stdout.readexactly(*LENGTH.unpack(head)))

    def kill(self) -> None:
        """Have it die; who waits for its answer gets an EOFError."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """Kill it, whatever it is at, and clear it away."""
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
