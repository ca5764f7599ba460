"""Who may touch an index: many that read, or one that changes it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Lets readers in together and a writer alone, in the order in which they came. For one event loop."""

    def __init__(self) -> None:
        self._inside = 0
        """Readers; -1: a writer."""
        self._queue: deque[tuple[bool, asyncio.Future[None]]] = deque()
        """Whether they come alone, and what they wait for."""

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        async with self._entered(alone=False):
            yield

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        async with self._entered(alone=True):
            yield

    @asynccontextmanager
    async def _entered(self, *, alone: bool) -> AsyncIterator[None]:
        turn = asyncio.get_running_loop().create_future()
        self._queue.append((alone, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # let in at the same moment
                self._leave(alone=alone)
            else:
                self._let_in()  # who stands behind may not have to wait any more
            raise
        try:
            yield
        finally:
            self._leave(alone=alone)

    def _leave(self, *, alone: bool) -> None:
        self._inside = 0 if alone else self._inside - 1
        self._let_in()

    def _let_in(self) -> None:
        while self._queue:
            alone, turn = self._queue[0]
            if not turn.cancelled():
                if self._inside < 0 or (alone and self._inside):
                    return
                self._inside = -1 if alone else self._inside + 1
                turn.set_result(None)
            self._queue.popleft()
