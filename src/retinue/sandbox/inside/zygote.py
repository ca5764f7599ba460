"""The fork server: it has the libraries loaded, and forks a session for each that is asked for.

`python -m retinue.sandbox.inside.zygote FD`: on that socket come messages of JSON, `begin` first, and with each `open`
the two files of a session: where it is asked, and where its output goes.
"""

import contextlib
import gc
import json
import os
import random
import select
import signal
import socket
import sys
from typing import Any, NamedTuple

from retinue.sandbox.inside import gaps, kin, libraries
from retinue.sandbox.inside.bounds import Bounds
from retinue.sandbox.inside.keeper import Keeper
from retinue.sandbox.inside.landlocked import Landlocked
from retinue.sandbox.inside.namespaces import Namespaces
from retinue.sandbox.inside.walls import Walls
from retinue.sandbox.kernel import scheduling

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/mnt/data",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "PIP_RETRIES": "0",  # there is no network: it says so at once
    "PYTHONDONTWRITEBYTECODE": "1",
    **libraries.ENVIRONMENT,
}
_FILES = 2
_STANDARD_ERROR = 2
_LONGEST_END_MS = 1_000
_REFUSED = {
    "namespaces": "The system lets no namespaces be made ({}).",
    "landlock": "The folder for sessions can't be made ({}).",
}


class _Open(NamedTuple):
    keeper: int
    end: int
    """Readable once the keeper is dead."""


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    _let_go(control.fileno())
    begin = json.loads(control.recv(65_536))
    bounds = Bounds(**begin["bounds"])
    walls = _walls(begin, bounds)
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    os.umask(0o022)  # the server's may keep a session's user out of what is made for it
    try:
        inner = walls.enter_house()
    except OSError as fault:
        _say(
            control, {"did": "begin", "missing": [], "fault": _REFUSED[begin["walls"]].format(fault.strerror or fault)}
        )
        return
    if inner:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
    missing = libraries.load(begin["libraries"])
    gc.collect()
    gaps.fill()
    gc.freeze()
    _say(control, {"did": "begin", "missing": missing, "fault": walls.fault(begin["user"])})
    Zygote(control, walls, bounds).serve()
    walls.leave_house()


class Zygote:
    """Opens and ends sessions, until the server is gone."""

    def __init__(self, control: socket.socket, walls: Walls, bounds: Bounds) -> None:
        self._control, self._walls, self._bounds = control, walls, bounds
        self._sessions: dict[int, _Open] = {}

    def serve(self) -> None:
        """Do what the server asks for, and clear away after sessions that have ended."""
        try:
            while not self._ready(None) or self._do():
                self._clear_away()
        except ConnectionError:
            pass  # the server was killed before it heard the last word
        for session in self._sessions.values():
            signal.pidfd_send_signal(session.end, signal.SIGKILL)
        while self._sessions:
            self._ready(_LONGEST_END_MS)
            self._clear_away()

    def _ready(self, timeout_ms: int | None) -> bool:
        """Wait for a session's end or the server; return whether that has said something, or is gone."""
        waiting = select.poll()
        for file in (self._control.fileno(), *(session.end for session in self._sessions.values())):
            waiting.register(file, select.POLLIN)
        return any(file == self._control.fileno() for file, _ in waiting.poll(timeout_ms))

    def _do(self) -> bool:
        """Do what is asked for; return whether there was a server to ask."""
        text, files, _, _ = socket.recv_fds(self._control, 65_536, _FILES)
        if not text:
            return False
        asked = json.loads(text)
        number = asked["session"]
        if asked["do"] == "open":
            pid = None
            try:
                pid = self._opened(files, number, asked["user"])
            except OSError as fault:  # no more processes, or files: the next one may find some
                _complain(fault)
            for file in files:
                os.close(file)
            if pid:
                self._sessions[number] = _Open(pid, os.pidfd_open(pid))
            said = {"did": "open", "session": number, "is_open": bool(pid), "data": self._walls.data(number)}
            _say(self._control, said)
        elif number in self._sessions:
            signal.pidfd_send_signal(self._sessions[number].end, signal.SIGKILL)
        return True

    def _opened(self, files: list[int], number: int, user: int) -> int | None:
        """Fork a session and return the number of its keeper; None where its walls can't be built."""
        told, tell = os.pipe()
        with os.fdopen(told, "rb", buffering=0) as heard:
            with os.fdopen(tell, "wb", buffering=0):
                outer = os.fork()
                if outer == 0:
                    try:
                        heard.close()
                        self._forget_others()
                        self._session(files, number, user, tell)
                    finally:
                        os._exit(1)
            pid = int(heard.read(32) or 0)
        if pid != outer:
            os.waitpid(outer, 0)
        return pid or None

    def _forget_others(self) -> None:
        self._control.close()
        for session in self._sessions.values():
            os.close(session.end)

    def _session(self, files: list[int], number: int, user: int, tell: int) -> None:
        os.setsid()
        scheduling.stand_back()
        try:
            self._walls.begin_session(number, user, lambda pid: _tell(tell, pid))
        except Exception as fault:
            _complain(fault)
            raise
        os.close(tell)
        asked, output = files
        os.dup2(output, 1)
        os.dup2(output, 2)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        for file in (output, nothing):
            os.close(file)
        _reseed()
        kept = socket.socket(fileno=os.dup(asked))  # a low number, where the fork server has many
        os.close(asked)
        data = self._walls.data(number)
        Keeper(kept, self._walls, data=data, memory_bytes=self._bounds.memory_bytes).keep()
        os._exit(0)

    def _clear_away(self) -> None:
        """Forget the sessions that have ended. Until then their keepers' numbers are nobody else's.

        There is no handler of SIGCHLD for it: sessions would have it too, and take their own children's ends from them.
        """
        for number, session in list(self._sessions.items()):
            if _is_over(session.end):
                self._walls.end_session(number, session.keeper)
                os.waitpid(session.keeper, 0)
                os.close(session.end)
                del self._sessions[number]
        kin.reap({session.keeper for session in self._sessions.values()})


def _let_go(kept: int) -> None:
    """Close whatever else the server has left open: code would have it, the server's terminal or log for one.

    uvloop gives a child the server's own standard files once more, under numbers that nobody asked for.
    """
    for file in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208
        if file > _STANDARD_ERROR and file != kept:
            with contextlib.suppress(OSError):  # what listed them
                os.close(file)


def _walls(begin: dict[str, Any], bounds: Bounds) -> Walls:
    match begin["walls"]:
        case "landlock":
            return Landlocked(begin["readable"], bounds, place=begin["place"])
        case _:
            return Namespaces(begin["readable"], begin["hidden"], bounds)


def _is_over(end: int) -> bool:
    """Return whether the process is dead; select(2) would not take the number of the thousandth."""
    waiting = select.poll()
    waiting.register(end, select.POLLIN)
    return bool(waiting.poll(0))


def _reseed() -> None:
    """Two sessions must not have the same chance."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy:
        numpy.random.seed()


def _tell(to: int, pid: int) -> None:
    os.write(to, str(pid).encode())


def _complain(fault: Exception) -> None:
    """Say on the server's own output why there is no session: a machine's secrets are none of a model's business."""
    sys.stderr.write(f"The walls of a session can't be built: {type(fault).__name__}: {fault}\n")
    sys.stderr.flush()


def _say(control: socket.socket, said: dict[str, object]) -> None:
    control.send(json.dumps(said).encode())


if __name__ == "__main__":
    main()
