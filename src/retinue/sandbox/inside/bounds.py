"""What of a session's limits the kernel keeps for each of its processes."""

import resource
from dataclasses import dataclass
from pathlib import Path

_NEVER_TOUCHED = 1 << 30
"""Bytes of addresses beside the memory that a session may take: libraries reserve what they don't use."""


@dataclass(frozen=True)
class Bounds:
    """Of a session's `Limits` those that the kernel keeps, or the keeper."""

    memory_bytes: int
    disk_bytes: int
    inodes: int
    processes: int
    open_files: int = 512


def limit(bounds: Bounds, *, counted: bool) -> None:
    """Bound this process and all that it starts; `counted` says that the kernel counts this session's processes alone.

    It counts those of a user, wherever they run.
    """
    mapped, *_, written, _ = (int(pages) * resource.getpagesize() for pages in _statm())
    limits = {
        # what is there already, the libraries, is shared by all
        resource.RLIMIT_DATA: written + bounds.memory_bytes,
        resource.RLIMIT_AS: mapped + bounds.memory_bytes + _NEVER_TOUCHED,
        resource.RLIMIT_FSIZE: bounds.disk_bytes,
        resource.RLIMIT_NOFILE: bounds.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 65_536,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 256,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_NICE: 0,
    }
    if counted:
        limits[resource.RLIMIT_NPROC] = bounds.processes
    for what, most in limits.items():
        resource.setrlimit(what, 2 * (_allowed(what, most),))


def _allowed(what: int, most: int) -> int:
    """Return the limit, or the lower one that whoever started the server has set: nobody may go beyond that."""
    hardest = resource.getrlimit(what)[1]
    return most if hardest == resource.RLIM_INFINITY else min(most, hardest)


def _statm() -> list[str]:
    """Return the sizes in proc(5), in pages: all that is mapped first, what can be written last but one."""
    return Path("/proc/self/statm").read_text().split()
