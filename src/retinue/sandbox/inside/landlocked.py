"""Walls where no namespaces are to be had: Landlock, a user of a session's own where one may be chosen, the filter."""

import contextlib
import errno
import os
import signal
import socket
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from retinue.sandbox.inside import disk, kin, leftovers
from retinue.sandbox.inside.bounds import Bounds, limit
from retinue.sandbox.kernel import landlock, linux, scheduling, seccomp

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_DEVICE = landlock.READ_FILE | landlock.WRITE_FILE
_LONGEST_END_S = 5.0

_NO_LANDLOCK = "This kernel has no Landlock, or lets nobody use it (Linux 5.13 and later have it)."
_TOO_OLD = (
    "Without a user of their own, sessions need Landlock of version {}, which Linux 6.12 has; this kernel's is {}. "
    "Run the server as root, or where it may make namespaces."
)
_NOT_BUILT = "The walls of a session can't be built: {}."
_OPEN = "The walls of a session don't hold on this machine: {}."
_HOLDS = "holds"
_UNREADABLE = "The user of a session can't read {}. Install Python where everybody can."


class Landlocked:
    """See `Walls`. A session's folder lies among the host's, and so do its processes."""

    def __init__(self, readable: Sequence[str], bounds: Bounds, *, place: str) -> None:
        """Sessions have their folders in a new one in `place`."""
        self._readable, self._bounds, self._place = readable, bounds, place
        self._apart = os.geteuid() == 0  # each session is a user of its own
        self._house, self._lock, self._session = "", -1, ""

    def enter_house(self) -> int:
        """Make the folder that sessions have theirs in."""
        leftovers.clear_away(self._place)
        self._house, self._lock = leftovers.made(self._place)
        Path(self._house).chmod(0o711 if self._apart else 0o700)
        libraries = Path(self._house, "libraries")
        libraries.mkdir(mode=0o755)
        os.environ.update(dict.fromkeys(("HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME"), str(libraries)))
        linux.adopt_orphans()
        return 0

    def fault(self, user: int) -> str | None:
        """See `Walls.fault`."""
        known, needed = landlock.version(), 1 if self._apart else landlock.SCOPES_FROM
        if known < needed:
            return _TOO_OLD.format(needed, known) if known else _NO_LANDLOCK
        told, tell = os.pipe()
        if os.fork() == 0:
            try:
                os.write(tell, self._tried(user).encode())
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(tell)
        with os.fdopen(told) as answer:
            said = answer.read()
        kin.reap(())
        disk.remove(self._folder(0))
        return None if said == _HOLDS else said or _NOT_BUILT.format("the server's log says why")

    def data(self, number: int) -> str:
        """See `Walls.data`."""
        return f"{self._folder(number)}/data"

    def begin_session(self, number: int, user: int, tell: Callable[[int], None]) -> None:
        """Become a user of its own, and keep to the session's folder."""
        parent = os.getppid()
        self._furnish(number, user)
        self._become(user)
        linux.be_undumpable(True)
        linux.adopt_orphans()
        signal.signal(signal.SIGTERM, lambda *_: kin.end(os.getsid(0)))  # with itself: nobody else would
        linux.die_with_parent(signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
        keeps = {self._session: landlock.WRITING, "/proc": landlock.READ_FILE | landlock.READ_FOLDER}
        landlock.restrict(self._files() | keeps)
        tell(os.getpid())

    def end_session(self, number: int, keeper: int) -> None:
        """End whatever the keeper did not end, and remove the session's folder."""
        kin.end(keeper)
        try:
            cleaner = os.fork()  # the fork server has others to see to
        except OSError:
            return  # `leave_house` takes the folder too
        if cleaner == 0:
            with contextlib.suppress(BaseException):
                until = time.monotonic() + _LONGEST_END_S
                while kin.end(keeper) and time.monotonic() < until:
                    time.sleep(0.01)
                disk.remove(self._folder(number))
            os._exit(0)

    def leave_house(self) -> None:
        """Remove what is left of the folder."""
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        disk.remove(self._house)

    def confine(self) -> None:
        """See `Walls.confine`; the order matters."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        linux.die_with_parent(signal.SIGKILL)
        os.setpgid(0, 0)
        os.close(self._lock)
        os.nice(scheduling.BACK)  # its keeper watches it, and must get to it
        linux.drop_capabilities()
        limit(self._bounds, counted=self._apart)
        linux.be_undumpable(False)  # the keeper looks at its files; that nobody else does Landlock sees to
        landlock.restrict(self._files())
        linux.filter_calls(seccomp.program(os.uname().machine, apart=False))

    def stop(self, worker: int) -> None:
        """By their group, which the filter lets nobody leave."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker, signal.SIGSTOP)

    def go_on(self, worker: int) -> None:
        """By their group too."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker, signal.SIGCONT)

    def others(self) -> list[int]:
        """Those that the keeper leads."""
        return kin.others()

    def excess(self, others: Sequence[int]) -> str | None:
        """See `Walls.excess`."""
        if len(others) > self._bounds.processes < sum(map(kin.lives, others)):
            return "processes"
        return "files" if disk.taken(self._written(), others, **self._most()).too_much else None

    def make_room(self) -> None:
        """See `Walls.make_room`."""
        taken = disk.taken(self._written(), (), **self._most())
        if taken.too_much:
            left = {name: most * 9 // 10 for name, most in self._most().items()}  # for the next call to write some
            disk.trim(self._written(), **left)

    def check_room(self, more: int) -> None:
        """See `Walls.check_room`."""
        taken = disk.taken(self._written(), (), **self._most())
        if taken.bytes + more > self._bounds.disk_bytes or taken.files >= self._bounds.inodes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _furnish(self, number: int, user: int) -> None:
        self._session = self._folder(number)
        for folder in (self._session, *self._written()):
            Path(folder).mkdir(mode=0o700)
            if self._apart:
                os.chown(folder, user, user)
        data, scratch = self._written()
        os.chdir(data)
        os.environ.update(HOME=data, TMPDIR=scratch)
        os.environ.update(MPLCONFIGDIR=f"{scratch}/matplotlib", XDG_CACHE_HOME=f"{scratch}/cache")
        tempfile.tempdir = None  # libraries may have asked for it before

    def _become(self, user: int) -> None:
        if self._apart:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)

    def _files(self) -> dict[str, int]:
        """What code may do with which files."""
        readable = [*self._readable, f"{self._house}/libraries"]
        return (
            dict.fromkeys(readable, landlock.READING)
            | dict.fromkeys(_DEVICES, _DEVICE)
            | dict.fromkeys(self._written(), landlock.WRITING)
        )

    def _written(self) -> tuple[str, str]:
        return f"{self._session}/data", f"{self._session}/tmp"

    def _most(self) -> dict[str, int]:
        return {"most_bytes": self._bounds.disk_bytes, "most_files": self._bounds.inodes}

    def _folder(self, number: int) -> str:
        return f"{self._house}/{number}"

    def _tried(self, user: int) -> str:
        """Lock this process in as a session's are, and say whether what must hold does."""
        server = os.getppid()
        try:
            self.begin_session(0, user, lambda _: None)
            self.confine()
        except OSError as fault:
            return _NOT_BUILT.format(fault)
        try:
            Path(os.__file__).read_bytes()
        except OSError:
            return _UNREADABLE.format(os.__file__)
        tries: dict[str, Callable[[], object]] = {
            "sessions' files lie open": lambda: os.listdir(self._house),  # noqa: PTH208
            "processes can be looked into": lambda: os.listdir("/proc"),  # noqa: PTH208
            "the server can be sent signals": lambda: os.kill(server, 0),
            "there is a network": lambda: socket.socket(socket.AF_INET).close(),
        }
        return next((_OPEN.format(what) for what, attempt in tries.items() if _succeeds(attempt)), _HOLDS)


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError:
        return False
    return True
