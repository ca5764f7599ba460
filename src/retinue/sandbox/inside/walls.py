"""The walls around a session, in the order in which they must go up."""

import os
import resource
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retinue.sandbox.kernel import landlock, linux, root, scheduling, seccomp

_USER = 1000  # as a session sees itself
_HOST = "session"
_NEVER_TOUCHED = 1 << 30
"""Bytes of addresses beside the memory that a session may take: libraries reserve what they don't use."""
_HOUSE = linux.NEW_NAMESPACE | linux.NEW_PID
_SESSION = (
    linux.NEW_USER
    | linux.NEW_NAMESPACE
    | linux.NEW_PID
    | linux.NEW_NETWORK
    | linux.NEW_IPC
    | linux.NEW_UTS
    | linux.NEW_CGROUP
)


@dataclass(frozen=True)
class Bounds:
    """Of a session's `Limits` those that the kernel keeps, or the keeper."""

    memory_bytes: int
    disk_bytes: int
    inodes: int
    processes: int
    open_files: int = 512


def enter_house(readable: Sequence[str], hidden: Sequence[str] = ()) -> int:
    """Leave the host's files and processes behind; return 0 in the process that goes on, else its number."""
    if os.geteuid() == 0:
        linux.unshare(_HOUSE)
    else:
        user, group = os.geteuid(), os.getegid()
        linux.unshare(_HOUSE | linux.NEW_USER)
        _map_user(user, group, user=user, group=group)
    inner = os.fork()
    if inner == 0:
        linux.die_with_parent(signal.SIGKILL)
        root.prepare(readable, hidden)
    return inner


def leave_house(user: int) -> None:
    """Go into namespaces of a session's own, as a user of its own where one may be chosen; the next child is in all."""
    if os.geteuid() == 0:
        # never root's own namespace of users: limits don't bind its user, and /proc/sys could be written
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.be_undumpable(False)  # else root owns what is in /proc of it, the map of users too
    user, group = os.geteuid(), os.getegid()
    linux.unshare(_SESSION)
    _map_user(_USER, _USER, user=user, group=group)
    socket.sethostname(_HOST)


def confine(bounds: Bounds) -> None:
    """Give up all that the model's code must not have."""
    landlock.restrict()
    os.nice(scheduling.BACK)  # its keeper watches it, and must get to it
    linux.drop_capabilities()
    _limit(bounds)
    linux.be_undumpable(True)
    linux.gain_nothing()
    linux.filter_calls(seccomp.program(os.uname().machine, apart=True))


def _map_user(inside_user: int, inside_group: int, *, user: int, group: int) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside_user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{inside_group} {group} 1")


def _limit(bounds: Bounds) -> None:
    mapped, *_, written, _ = (int(pages) * resource.getpagesize() for pages in _statm())
    limits = {
        # what is there already, the libraries, is shared by all
        resource.RLIMIT_DATA: written + bounds.memory_bytes,
        resource.RLIMIT_AS: mapped + bounds.memory_bytes + _NEVER_TOUCHED,
        resource.RLIMIT_NPROC: bounds.processes,
        resource.RLIMIT_FSIZE: bounds.disk_bytes,
        resource.RLIMIT_NOFILE: bounds.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 65_536,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_SIGPENDING: 256,
        resource.RLIMIT_RTPRIO: 0,
        resource.RLIMIT_NICE: 0,
    }
    for what, most in limits.items():
        resource.setrlimit(what, (most, most))


def _statm() -> list[str]:
    """Return the sizes in proc(5), in pages: all that is mapped first, what can be written last but one."""
    return Path("/proc/self/statm").read_text().split()
