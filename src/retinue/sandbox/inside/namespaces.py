"""Walls of the kernel's namespaces: a session has files, processes and a network of its own."""

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from retinue.sandbox.inside.bounds import Bounds, limit
from retinue.sandbox.kernel import landlock, linux, root, scheduling, seccomp

_USER = 1000  # as a session sees itself
_HOST = "session"
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


class Namespaces:
    """See `Walls`. What a session leaves ends with the first process of its namespaces, its keeper."""

    def __init__(self, readable: Sequence[str], hidden: Sequence[str], bounds: Bounds) -> None:
        """What is `hidden` can't be read, though it may lie below what is readable."""
        self._readable, self._bounds = readable, bounds
        self._hidden = [os.path.realpath(path) for path in hidden]

    def enter_house(self) -> int:
        """Leave the host's files and processes behind."""
        if os.geteuid() == 0:
            linux.unshare(_HOUSE)
        else:
            user, group = os.geteuid(), os.getegid()
            linux.unshare(_HOUSE | linux.NEW_USER)
            _map_user(user, group, user=user, group=group)
        inner = os.fork()
        if inner == 0:
            linux.die_with_parent(signal.SIGKILL)
            root.prepare(self._readable, self._hidden)
        return inner

    def fault(self, user: int) -> str | None:
        """Where they can't be had, `enter_house` has failed."""
        return None

    def data(self, number: int) -> str:
        """Every session has its own of this name."""
        return root.DATA

    def begin_session(self, number: int, user: int, tell: Callable[[int], None]) -> None:
        """Go into namespaces of a session's own, as a user of its own where one may be chosen."""
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
        inner = os.fork()  # the first process that is in all
        if inner:
            tell(inner)
            os._exit(0)
        root.furnish(self._readable, disk_bytes=self._bounds.disk_bytes, inodes=self._bounds.inodes)

    def end_session(self, number: int, keeper: int) -> None:
        """All ends with the keeper."""

    def leave_house(self) -> None:
        """All ends with the fork server."""

    def confine(self) -> None:
        """See `Walls.confine`; the order matters."""
        landlock.restrict()
        os.nice(scheduling.BACK)  # its keeper watches it, and must get to it
        linux.drop_capabilities()
        limit(self._bounds, counted=True)
        linux.be_undumpable(True)
        linux.gain_nothing()
        linux.filter_calls(seccomp.program(os.uname().machine, apart=True))

    def stop(self, worker: int) -> None:
        """To -1: whoever else is in the namespace of processes."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGSTOP)

    def go_on(self, worker: int) -> None:
        """To -1 too."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGCONT)

    def others(self) -> list[int]:
        """Whoever else is in the namespace of processes."""
        return [pid for name in os.listdir("/proc") if name.isdigit() and (pid := int(name)) != os.getpid()]  # noqa: PTH208

    def excess(self, others: Sequence[int]) -> str | None:
        """The file system and the limits of the session's user bound all."""
        return None

    def make_room(self) -> None:
        """There is never too much."""

    def check_room(self, more: int) -> None:
        """The file system says no itself."""


def _map_user(inside_user: int, inside_group: int, *, user: int, group: int) -> None:
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{inside_user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{inside_group} {group} 1")
