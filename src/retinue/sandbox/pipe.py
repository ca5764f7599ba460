"""What a session prints: the reading end of a pipe whose writing end the model's code has."""

import asyncio
import contextlib
import os

_PIECE = 1 << 16


class Pipe:
    """Read when there is something; never waited for but in `readable`."""

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._ended = False

    async def readable(self) -> None:
        """Wait until there is something to read."""
        if self._ended:
            await asyncio.Event().wait()
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            if self._descriptor >= 0:  # else its number may be another's by now
                loop.remove_reader(self._descriptor)

    def read(self) -> bytes:
        """Return what there is, some of it where it is much; nothing where there is none."""
        if self._ended:
            return b""
        try:
            piece = os.read(self._descriptor, _PIECE)
        except BlockingIOError:
            return b""
        self._ended = not piece
        return piece

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._descriptor < 0

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor >= 0:
            with contextlib.suppress(RuntimeError):  # no loop runs, so that none waits for it
                asyncio.get_running_loop().remove_reader(self._descriptor)
            os.close(self._descriptor)
        self._descriptor, self._ended = -1, True
