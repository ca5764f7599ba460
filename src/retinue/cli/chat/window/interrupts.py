"""Ctrl-C and the signals to end, each taken by whoever is at it."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from functools import partial

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Interrupts:
    """Sends Ctrl-C where it is wanted; a signal to end cancels the task that opened this."""

    def __init__(self) -> None:
        self._act: Callable[[], None] = _ignore
        self.ended_by: int | None = None
        """The signal that asked the process to end."""

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Take the signals inside this block, and leave them as they were."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None

        def end(number: int) -> None:
            self.ended_by = number
            task.cancel()

        taken = [_take(loop, signal.SIGINT, self._interrupt)]
        taken += [_take(loop, number, partial(end, number)) for number in _ENDING]
        try:
            yield
        finally:
            for give_back in taken:
                give_back()

    @contextlib.contextmanager
    def to(self, act: Callable[[], None]) -> Iterator[None]:
        """Have Ctrl-C do this inside this block."""
        before, self._act = self._act, act
        try:
            yield
        finally:
            self._act = before

    def _interrupt(self) -> None:
        self._act()


def _take(loop: asyncio.AbstractEventLoop, number: int, act: Callable[[], None]) -> Callable[[], object]:
    """Have a signal call `act` in the loop; return what ends that."""
    before = signal.getsignal(number)
    try:
        loop.add_signal_handler(number, act)
    except NotImplementedError:  # Windows
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
    else:
        return lambda: (loop.remove_signal_handler(number), signal.signal(number, before))
    return lambda: signal.signal(number, before)


def _ignore() -> None:
    """Nobody is at it."""
