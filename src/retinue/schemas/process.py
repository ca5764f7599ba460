"""One process that reads schemas, from its start to its end."""

import math
from pathlib import Path

from retinue.system.child import Child

WORKER = Path(__file__).with_name("worker.py")
_START_S = 30.0  # until it can be asked: some tenths of a second, unless the machine has much else to do


class SchemaProcess(Child):
    """Answers a line with a line. Once `ask` raised or was cancelled, there is nothing to do with it but to end it."""

    @classmethod
    async def start(cls, *, patience_s: float) -> "SchemaProcess":
        """Return a process that can be asked; raises EOFError, OSError or TimeoutError where none comes up."""
        return await cls.launch(str(WORKER), str(math.ceil(patience_s) + 1), patience_s=_START_S)

    async def ask(self, line: bytes) -> bytes:
        """Return its answer; raises EOFError or OSError if it dies of the question."""
        self.stdin.write(line + b"\n")
        await self.stdin.drain()
        return await self.stdout.readuntil()
