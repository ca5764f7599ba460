"""Which processes belong to a session that shares the host's numbers of processes.

Code can't leave its session of processes, as setsid(2) makes them, nor its group: the filter sees to that. Who descends
from whom would not do: a process that is just ending leaves its children to another, and either list may be read too
early or too late.
"""

import contextlib
import os
import signal
from collections.abc import Collection, Iterator
from pathlib import Path


def others() -> list[int]:
    """Return whoever is in this process's session beside it, dead ones too that nobody has waited for."""
    return [pid for pid in _members(os.getsid(0)) if pid != os.getpid()]


def end(session: int) -> bool:
    """Kill what is alive in a session of processes, by its groups, so that nobody starts another; return if any was."""
    living = [pid for pid in _members(session) if lives(pid)]
    groups = {group for pid in living if (group := _group(pid))}
    for group in sorted(groups, key=os.getpgrp().__eq__):  # one's own last
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    return bool(living)


def lives(pid: int) -> bool:
    """Return whether a process is there, and not dead."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def reap(spared: Collection[int]) -> None:
    """Wait for children that are dead, until one of those comes who are somebody else's to wait for."""
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid in spared:
                break
            os.waitpid(ended.si_pid, os.WNOHANG)


def _members(session: int) -> Iterator[int]:
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(int(name)) == session:
                    yield int(name)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
