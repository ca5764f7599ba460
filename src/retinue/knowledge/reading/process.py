"""One process that reads files, from its start to its end."""

from retinue.knowledge.reading.frames import LENGTH, Asked, Frame, frame_of, framed
from retinue.system.child import Child

WORKER = "retinue.knowledge.reading.worker"
_START_S = 60.0  # until it can be asked: half a second, unless the machine has much else to do
_IDLE_S = 60  # without a file, after which it ends
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""For numpy, which starts others when it is imported: with them, the system gives no network of its own."""


class ReadingProcess(Child):
    """Answers a question with frames. Where that raised or was broken off, all there is to do with it is to end it."""

    @classmethod
    async def start(cls, *, patience_s: int) -> "ReadingProcess":
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up."""
        arguments = ("-m", WORKER, str(patience_s), str(_IDLE_S))
        return await cls.launch(*arguments, patience_s=_START_S, variables=_ONE_THREAD)

    async def ready(self) -> None:
        """Wait until it has imported all that it needs."""
        await self.answer()

    async def ask(self, asked: Asked) -> None:
        """Have it read a file; raises OSError if it is gone."""
        self.stdin.write(framed(asked))
        await self.stdin.drain()

    async def answer(self) -> Frame:
        """Return the next that it says; raises EOFError or OSError if it dies of the question."""
        head = await self.stdout.readexactly(LENGTH.size)
        return frame_of(await self.stdout.readexactly(*LENGTH.unpack(head)))
