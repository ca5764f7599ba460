"""The first process of a session: it starts the worker, hands on what is asked of it, and keeps the session's files.

It runs none of the model's code, which can't reach it: the first process of a namespace gets no signal from others in
it, and Landlock lets none out of where the code is.
"""

import contextlib
import itertools
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterable, Iterator

from retinue.sandbox.inside import crowd, files, frames, kin, memory
from retinue.sandbox.inside.walls import Walls
from retinue.sandbox.inside.worker import work

_WATCH_S = 0.05  # between two looks at how much memory a cell takes
_REST = 2  # times as long as a look took, at least, until the next one
_LONGEST_END_S, _LONGEST_SEND_S = 5.0, 1.0
_MOST_SAID, _MOST_DRAWN_BYTES = 100, 20 << 20  # by a worker in one call: more than there can be charts of
_LONGEST_ERROR = 20_000  # characters: each may take twelve bytes in a frame, which has its bounds


class Keeper:
    """Between the server and a worker, which is stopped while it has nothing to do."""

    def __init__(self, asked: socket.socket, walls: Walls, *, data: str, memory_bytes: int) -> None:
        """The session's files are in `data`; all processes together may take `memory_bytes`."""
        self._asked, self._walls, self._data = asked, walls, data
        self._allowed = memory_bytes
        self._common = memory.taken(os.getpid())  # with the fork server, by every process
        self._worker = 0
        self._end = -1
        """Of the worker: readable once that is dead."""
        self._to_worker: socket.socket | None = None
        self._said = frames.Incoming(asked)  # of no worker yet
        self._excess: str | None = None
        """What there was too much of, for which the worker was ended."""

    def keep(self) -> None:
        """Do what the server asks for until it is gone."""
        self._start()
        frames.send(self._asked, {"did": "open"})
        with contextlib.suppress(frames.BrokenFrames):
            while True:
                said, content = frames.receive(self._asked)
                self._do(said, content)
        self._end_others(spared=0)

    def _do(self, said: frames.Object, content: bytes) -> None:
        match said["do"]:
            case "run":
                self._run(said["code"])
            case "write":
                self._answer("write", error=_tried(lambda: self._write(said, content)))
            case "remove":
                self._answer("remove", error=_tried(lambda: files.remove(said["path"])))
            case "read":
                self._read(said["path"], said["most"])
            case "list":
                self._list(said["most"], said["named"])
            case "interrupt" | "kill":
                pass  # it came too late: the cell has ended

    def _run(self, code: str) -> None:
        assert self._to_worker is not None, "it is started before"
        to_worker, incoming = self._to_worker, self._said
        try:
            incoming.forget()  # it has nothing to say before it is asked
            os.kill(self._worker, signal.SIGCONT)
            frames.send(to_worker, {"do": "run", "code": code})
            error = self._hand_on(self._heard(to_worker, incoming))
            self._sweep()  # first: who hears that the cell has ended may rely on it
        except OSError:  # the worker is dead, or says what is no frame, or has left too much
            self._restart()
            return
        self._answer("run", error=error)

    def _write(self, said: frames.Object, content: bytes) -> None:
        self._walls.check_room(len(content))
        files.write(said["path"], content, more=said["more"])

    def _hand_on(self, heard: Iterator[tuple[frames.Object, bytes]]) -> str | None:
        """Send on what is drawn, and return how the cell ended. Nothing else of what a worker says gets any further."""
        room = _MOST_DRAWN_BYTES
        for said, content in itertools.islice(heard, _MOST_SAID):
            if said.get("did") == "run":
                error = said.get("error")
                return None if error is None else str(error)[-_LONGEST_ERROR:]
            fits = len(content) <= room
            room -= len(content) if fits else 0
            self._answer("draw", content=content if fits else b"")  # what is left out is counted
        raise frames.BrokenFrames("more charts than a cell can have")

    def _heard(self, to_worker: socket.socket, incoming: frames.Incoming) -> Iterator[tuple[frames.Object, bytes]]:
        """Yield what the worker says; an interrupt reaches it meanwhile, and too much memory ends it."""
        next_look, sharing = time.monotonic() + _WATCH_S, crowd.Crowd(self._walls)
        while True:
            talking, asking = to_worker.fileno(), self._asked.fileno()
            ready, _, _ = select.select([self._end, talking, asking], [], [], _WATCH_S)
            if self._end in ready:  # others that it has started may have its socket still
                raise frames.BrokenFrames("the worker is dead")
            if (began := time.monotonic()) >= next_look:  # also where a worker talks without a pause
                self._look()
                sharing.look(self._worker)
                next_look = time.monotonic() + max(_WATCH_S, _REST * (time.monotonic() - began))
            if asking in ready:
                said, _ = frames.receive(self._asked)
                os.kill(self._worker, signal.SIGKILL if said["do"] == "kill" else signal.SIGINT)
            if talking in ready and (frame := incoming.received()):
                yield frame

    def _look(self) -> None:
        kin.reap({self._worker})
        others = self._walls.others()
        taken = sum(max(0, memory.taken(pid) - self._common) for pid in others)
        self._excess = "memory" if taken > self._allowed else self._walls.excess(others)
        if self._excess:
            self._walls.stop(self._worker)
            os.kill(self._worker, signal.SIGKILL)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        self._worker = os.fork()
        if self._worker == 0:
            with contextlib.suppress(BaseException):
                ours.close()
                self._asked.close()
                self._walls.confine()
                work(theirs, data=self._data)
            os._exit(1)
        theirs.close()
        if self._to_worker:
            self._to_worker.close()
            os.close(self._end)
        ours.settimeout(_LONGEST_SEND_S)  # what it is sent it may leave unread
        self._to_worker, self._end = ours, os.pidfd_open(self._worker)
        self._said = frames.Incoming(ours, most_bytes=_MOST_DRAWN_BYTES)
        with contextlib.suppress(OSError):
            os.setpgid(self._worker, self._worker)  # it does so itself, perhaps later
        os.kill(self._worker, signal.SIGSTOP)

    def _restart(self) -> None:
        """Begin anew where the worker died: its memory is lost, the files are there."""
        self._end_others(spared=0)
        self._walls.make_room()
        excess, self._excess = self._excess, None
        self._start()
        self._answer("run", died=True, excess=excess)

    def _sweep(self) -> None:
        """Stop the worker and end whatever it has started: between cells nothing runs."""
        self._end_others(spared=self._worker)
        self._excess = self._walls.excess([self._worker])
        if self._excess:
            raise frames.BrokenFrames("more files than there may be")

    def _end_others(self, *, spared: int) -> None:
        """Kill whoever else there is; a worker that is spared is stopped. Raises BrokenFrames where it can't be."""
        self._walls.stop(self._worker)
        ended, settled, until = {spared}, False, time.monotonic() + _LONGEST_END_S
        while not settled:
            if time.monotonic() > until:
                raise frames.BrokenFrames("a worker that can't be stopped")
            # who was just starting a process has started it once he is stopped or dead: only then are all to be seen
            settled = not spared or _rests(spared)
            if left := {*self._walls.others()} - ended:
                _end(left)
                ended |= left
                settled, until = False, time.monotonic() + _LONGEST_END_S
        kin.reap({spared})

    def _list(self, most: int, named: int) -> None:
        try:
            self._answer("list", files=[file.__dict__ for file in files.listed(most, named)])
        except OSError as fault:
            self._answer("list", error=fault.strerror or str(fault))

    def _read(self, path: str, most: int) -> None:
        try:
            self._answer("read", content=files.read(path, most))
        except (OSError, ValueError) as fault:  # a path may hold what no path can
            self._answer("read", error=getattr(fault, "strerror", None) or str(fault))

    def _answer(self, did: str, *, content: bytes = b"", **more: object) -> None:
        frames.send(self._asked, {"did": did, **more}, content)


def _end(pids: Iterable[int]) -> None:
    """Kill processes, and wait until they are dead. Those in the kernel's hands are not waited for for ever."""
    with contextlib.ExitStack() as ends:
        dying = [end for pid in pids if (end := _killed(pid)) is not None]
        for end in dying:
            ends.callback(os.close, end)
        deadline = time.monotonic() + _LONGEST_END_S
        for end in dying:
            select.select([end], [], [], max(0.0, deadline - time.monotonic()))


def _killed(pid: int) -> int | None:
    """Kill a process and return what is readable once it is dead; None where it is gone."""
    with contextlib.suppress(ProcessLookupError):
        end = os.pidfd_open(pid)
        signal.pidfd_send_signal(end, signal.SIGKILL)
        return end
    return None


def _rests(pid: int) -> bool:
    """Return whether a child is stopped, or dead."""
    return os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _tried(work: Callable[[], None]) -> str | None:
    try:
        work()
    except (OSError, ValueError) as fault:  # a path may hold what no path can
        return getattr(fault, "strerror", None) or str(fault)
    return None
