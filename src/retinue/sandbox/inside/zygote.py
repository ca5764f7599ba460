"""The fork server: it has the libraries loaded, and forks a session for each that is asked for.

`python -m retinue.sandbox.inside.zygote FD`: on that socket come messages of JSON, `begin` first, and with each `open`
the two files of a session: where it is asked, and where its output goes.
"""

import contextlib
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys

from retinue.sandbox.inside import walls
from retinue.sandbox.inside.keeper import Keeper
from retinue.sandbox.inside.warming import warm_up
from retinue.sandbox.kernel import root, scheduling

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/mnt/data",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "XDG_CACHE_HOME": "/tmp/.cache",  # not among the session's files
    "JOBLIB_MULTIPROCESSING": "0",  # its helpers would have to outlive a call, which nothing does
    "PIP_RETRIES": "0",  # there is no network: it says so at once
    "PYTHONDONTWRITEBYTECODE": "1",
}
_FILES = 2


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    begin = json.loads(control.recv(65_536))
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    inner = walls.enter_house(begin["readable"], [os.path.realpath(path) for path in begin["hidden"]])
    if inner:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
    missing = _loaded(begin["libraries"])
    warm_up()
    gc.collect()
    gc.freeze()
    _say(control, {"did": "begin", "missing": missing})
    bounds = walls.Bounds(**begin["bounds"])
    sessions: dict[int, int] = {}
    while True:
        text, files, _, _ = socket.recv_fds(control, 65_536, _FILES)
        if not text:
            return
        _clear_away(sessions)
        asked = json.loads(text)
        number = asked["session"]
        if asked["do"] == "open":
            if pid := _opened(control, files, asked["user"], bounds, begin["readable"]):
                sessions[number] = pid
            _say(control, {"did": "open", "session": number, "is_open": bool(pid)})
        elif number in sessions:
            os.kill(sessions[number], signal.SIGKILL)


def _opened(
    control: socket.socket, files: list[int], user: int, bounds: walls.Bounds, readable: list[str]
) -> int | None:
    """Fork a session and return the number of its keeper; None where its walls can't be built."""
    told, tell = os.pipe()
    outer = os.fork()
    if outer == 0:
        os.close(told)
        control.close()
        try:
            _session(files, user, bounds, readable, tell)
        finally:
            os._exit(1)
    os.close(tell)
    for file in files:
        os.close(file)
    pid = os.read(told, 32)
    os.close(told)
    os.waitpid(outer, 0)
    return int(pid) if pid else None


def _session(files: list[int], user: int, bounds: walls.Bounds, readable: list[str], tell: int) -> None:
    os.setsid()
    scheduling.stand_back()
    walls.leave_house(user)
    inner = os.fork()
    if inner:
        os.write(tell, str(inner).encode())
        os._exit(0)
    os.close(tell)
    asked, output = files
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    root.furnish(readable, disk_bytes=bounds.disk_bytes, inodes=bounds.inodes)
    _reseed()
    keeper = Keeper(socket.socket(fileno=asked), lambda: walls.confine(bounds), memory_bytes=bounds.memory_bytes)
    keeper.keep()
    os._exit(0)


def _clear_away(sessions: dict[int, int]) -> None:
    """Forget the sessions that have ended. Until then their keepers' numbers are nobody else's.

    There is no handler of SIGCHLD for it: sessions would have it too, and take their own children's ends from them.
    """
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitpid(-1, os.WNOHANG)[0]:
            for number in [number for number, pid in sessions.items() if pid == ended]:
                del sessions[number]


def _loaded(names: list[str]) -> list[str]:
    """Import what sessions are to have; return what there is not."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing


def _reseed() -> None:
    """Two sessions must not have the same chance."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy:
        numpy.random.seed()


def _say(control: socket.socket, said: dict[str, object]) -> None:
    control.send(json.dumps(said).encode())


if __name__ == "__main__":
    main()
