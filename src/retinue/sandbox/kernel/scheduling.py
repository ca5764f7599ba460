"""A process's place in the queue for the processor. What is given up here is not to be had again."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

BACK = 5
"""Steps of niceness that a session stands behind the server, and its code behind its keeper."""
_STATE, _POLICY = 0, 38  # fields of stat(5), counted from the one behind the program's name


def stand_back() -> None:
    """Have everybody else served first where not all can be.

    Where the kernel shares out the processor by sessions of processes (see sched(7) on autogroups), it is the session's
    niceness that counts: for `setsid` comes first.
    """
    nice = os.nice(BACK)
    with contextlib.suppress(OSError):  # no such thing here; or it was set for somebody else a moment ago
        Path("/proc/self/autogroup").write_text(str(nice))


def threads(pids: Iterable[int]) -> list[tuple[int, int]]:
    """Return the threads of these processes, each as its process's number and its own."""
    return [(pid, thread) for pid in pids for thread in _of(pid)]


def wants(pid: int, thread: int) -> bool:
    """Tell whether a thread wants the processor, and more than what others leave of it."""
    try:
        fields = Path(f"/proc/{pid}/task/{thread}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return False
    return fields[_STATE] == b"R" and int(fields[_POLICY]) != os.SCHED_IDLE


def take_what_is_left(thread: int) -> None:
    """Have a thread, and all that it will start, run only while nobody else wants to."""
    with contextlib.suppress(OSError):  # it has ended
        os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))


def _of(pid: int) -> list[int]:
    with contextlib.suppress(OSError):
        return [int(name) for name in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208
    return []
