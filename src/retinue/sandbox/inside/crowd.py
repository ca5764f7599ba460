"""A session's share of the processor, however many processes it starts."""

import contextlib
import os
import signal
from collections.abc import Callable

from retinue.sandbox.kernel import scheduling

_MOST_BUSY = 4
"""Threads of a session that may want the processor at once, before those beside the first one give way to others."""


class Crowd:
    """Has a session that wants more than its share take what others leave. For a keeper, who is the first process."""

    def __init__(self, others: Callable[[], list[int]]) -> None:
        """`others` returns the processes of the session but for the keeper."""
        self._others = others
        self._in_vain = False

    def look(self, worker: int) -> None:
        """See how many want to run, and do something about those who are too many."""
        busy = sum(scheduling.wants(*thread) for thread in scheduling.threads(self._others()))
        if busy > _MOST_BUSY:
            self._give_way(spared=0 if self._in_vain else worker)
        self._in_vain = busy > _MOST_BUSY

    def _give_way(self, *, spared: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGSTOP)  # nobody starts another one meanwhile
            for _, thread in scheduling.threads(self._others()):
                if thread != spared:
                    scheduling.take_what_is_left(thread)
            os.kill(-1, signal.SIGCONT)
