"""A session's share of the processor, however many processes it starts."""

from retinue.sandbox.inside.walls import Walls
from retinue.sandbox.kernel import scheduling

_MOST_BUSY = 4
"""Threads of a session that may want the processor at once, before those beside the first one give way to others."""


class Crowd:
    """Has a session that wants more than its share take what others leave. For a keeper."""

    def __init__(self, walls: Walls) -> None:
        self._walls = walls
        self._in_vain = False

    def look(self, worker: int) -> None:
        """See how many want to run, and do something about those who are too many."""
        busy = sum(scheduling.wants(*thread) for thread in scheduling.threads(self._walls.others()))
        if busy > _MOST_BUSY:
            self._give_way(worker, spared=0 if self._in_vain else worker)
        self._in_vain = busy > _MOST_BUSY

    def _give_way(self, worker: int, *, spared: int) -> None:
        self._walls.stop(worker)  # nobody starts another one meanwhile
        for _, thread in scheduling.threads(self._walls.others()):
            if thread != spared:
                scheduling.take_what_is_left(thread)
        self._walls.go_on(worker)
