"""The fork server: it has the libraries loaded, and forks a session for each that is asked for.

`python -m retinue.sandbox.inside.zygote FD`: on that socket come messages of JSON, `begin` first, and with each `open`
the two files of a session: where it is asked, and where its output goes.
"""

import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
from types import FrameType

from retinue.sandbox.inside import walls
from retinue.sandbox.inside.keeper import Keeper
from retinue.sandbox.kernel import root

_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/mnt/data",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_FILES = 2


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    begin = json.loads(control.recv(65_536))
    os.environ.clear()
    os.environ.update(_ENVIRONMENT)
    inner = walls.enter_house(begin["readable"])
    if inner:
        os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
    missing = _loaded(begin["libraries"])
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, _reap)
    _say(control, {"did": "begin", "missing": missing})
    limits = walls.Limits(**begin["limits"])
    while True:
        text, files, _, _ = socket.recv_fds(control, 65_536, _FILES)
        if not text:
            return
        asked = json.loads(text)
        if asked["do"] == "open":
            _open(control, asked, files, limits, begin["readable"])
        else:
            _close(asked["pid"])


def _open(
    control: socket.socket, asked: dict[str, int], files: list[int], limits: walls.Limits, readable: list[str]
) -> None:
    told, tell = os.pipe()
    outer = os.fork()
    if outer == 0:
        os.close(told)
        control.close()
        try:
            _session(files, asked["user"], limits, readable, tell)
        finally:
            os._exit(1)
    os.close(tell)
    for file in files:
        os.close(file)
    pid = os.read(told, 32)
    os.close(told)
    _say(control, {"did": "open", "session": asked["session"], "pid": int(pid or 0)})


def _session(files: list[int], user: int, limits: walls.Limits, readable: list[str], tell: int) -> None:
    os.setsid()
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
    root.furnish(readable, disk_bytes=limits.disk_bytes, inodes=limits.inodes)
    _reseed()
    keeper = Keeper(socket.socket(fileno=asked), lambda: walls.confine(limits), memory_bytes=limits.memory_bytes)
    keeper.keep()
    os._exit(0)


def _close(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


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


def _reap(_signal: int, _frame: FrameType | None) -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _say(control: socket.socket, said: dict[str, object]) -> None:
    control.send(json.dumps(said).encode())


if __name__ == "__main__":
    main()
