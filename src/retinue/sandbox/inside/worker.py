"""The process that runs a session's code. It is the model's: nothing that it says is to be believed."""

import contextlib
import os
import signal
import socket
import sys

from retinue.sandbox.inside import figures, frames
from retinue.sandbox.inside.cell import Cells, told

_LONGEST_ERROR = 20_000  # characters: of a traceback the end


def work(asked: socket.socket, *, data: str) -> None:
    """Run what the keeper sends, until it is gone; `data` is where the session's files lie."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cells = Cells(data)
    while True:
        said, _ = frames.receive(asked)
        _reap()
        error = _ran(cells, said["code"])
        for image in _figures():
            frames.send(asked, {"did": "draw"}, image)
        with contextlib.suppress(BaseException):  # they are the model's too
            sys.stdout.flush()
            sys.stderr.flush()
        frames.send(asked, {"did": "run", "error": error})


def _ran(cells: Cells, code: str) -> str | None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cells.run(code)
    except BaseException as problem:  # SystemExit too: a session goes on
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return told(problem)[-_LONGEST_ERROR:]
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return None


def _figures() -> list[bytes]:
    try:
        return list(figures.taken())
    except Exception as problem:
        print(f"A chart could not be drawn: {problem!r}", file=sys.stderr)  # noqa: T201
        return []


def _reap() -> None:
    """Clear away children of earlier cells: the keeper has ended them."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    with contextlib.suppress(Exception):  # else the next cell is warned that multiprocessing's own helper has died
        tracker = sys.modules["multiprocessing.resource_tracker"]._resource_tracker
        os.close(tracker._fd)
        tracker._fd = tracker._pid = None
