"""Sessions of a fork server on this machine."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import Sequence
from typing import Any, Literal

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.pipe import Pipe
from retinue.sandbox.readable import exposed
from retinue.sandbox.session import LocalSession

_START_S, _OPEN_S, _END_S = 60.0, 10.0, 5.0
_LONGEST = 65_536  # bytes of a message
_USERS = 1_870_000_000
"""The first of the users that sessions get where the server is root: far above those that systems give away."""
_USERS_OF_ONE, _SERVERS = 10_000, 27_000
"""So many of them each server has for itself, by chance, among the others of a machine: limits hold for a user."""
_READ_AHEAD = 1 << 20  # bytes of a session's answers
_NOT_OPENED = "No session can be opened: {}."
_EXPOSED = "Landlock can't hide what lies below Python or the system's libraries: move {} elsewhere."
WallsName = Literal["namespaces", "landlock"]
_ZYGOTE = "retinue.sandbox.inside.zygote"


class ForkServer:
    """See `Sandbox`. One process has the libraries loaded, and every session is a fork of it."""

    def __init__(self, process: Process, control: socket.socket, limits: Limits) -> None:
        self._process, self._control, self._limits = process, control, limits
        self._users = _USERS + _USERS_OF_ONE * secrets.randbelow(_SERVERS)
        self._number = 0
        self._sessions: set[LocalSession] = set()
        self._awaited: dict[int, asyncio.Future[Any]] = {}
        self._broken = False
        self.missing: Sequence[str] = ()
        """Libraries that were to be loaded and are not there."""

    @classmethod
    async def start(
        cls,
        limits: Limits,
        *,
        libraries: Sequence[str],
        readable: Sequence[str],
        walls: WallsName = "namespaces",
        place: str | None = None,
        hidden: Sequence[str] = (),
    ) -> "ForkServer":
        """Return one that is ready; raises SandboxFault where this machine lets none be.

        `landlock` is for where namespaces are refused, as containers do; decision 0031 says what it does not promise.
        Sessions then have their folders in `place`, where all their users can get; by default where temporary files go.
        What is `hidden`, such as the server's own data, sessions can't read, though it may lie below what they can.
        """
        if walls == "landlock" and (seen := exposed(hidden, readable)):
            raise SandboxFault(_EXPOSED.format(", ".join(seen)))
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            command = (sys.executable, "-P", "-m", _ZYGOTE, str(theirs.fileno()))
            environment = {name: os.environ[name] for name in ("PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ}
            process = await asyncio.create_subprocess_exec(
                *command, pass_fds=[theirs.fileno()], env=environment, start_new_session=True
            )
        server = cls(process, ours, limits)
        try:
            paths = {"readable": list(readable), "hidden": list(hidden), "place": place or tempfile.gettempdir()}
            await server._begin(libraries, paths, walls)
        except BaseException:
            await server.close()
            raise
        return server

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can open sessions."""
        return not self._broken and self._process.returncode is None

    def kill(self) -> None:
        """Have it die, and with it all sessions."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def open(self) -> Session:
        """See `Sandbox.open`."""
        self._number += 1
        number, opened = self._number, asyncio.get_running_loop().create_future()
        try:
            streams, theirs, printed, writing = await _lines()
        except OSError as fault:  # too many open files
            raise SandboxFault(_NOT_OPENED.format(fault.strerror or fault)) from fault
        session = LocalSession(streams, printed, self._limits, lambda: self._end(number))
        self._sessions = {each for each in self._sessions if not each.closed} | {session}
        self._awaited[number] = opened
        try:
            with theirs:
                asked = json.dumps({"do": "open", "session": number, "user": self._users + number}).encode()
                socket.send_fds(self._control, [asked], [theirs.fileno(), writing])
            async with asyncio.timeout(_OPEN_S):
                said = await opened
                if not said["is_open"]:
                    raise SandboxFault(_NOT_OPENED.format("its walls can't be built; the server's log says why"))
                await session.opened(said["data"])
        except BaseException as fault:
            await session.close()
            if isinstance(fault, ConnectionError):
                self._broken = True  # nobody reads what it is asked
            if isinstance(fault, OSError):  # a TimeoutError too
                raise SandboxFault(_NOT_OPENED.format(str(fault) or "it took too long")) from fault
            raise
        finally:
            os.close(writing)
            del self._awaited[number]
        return session

    async def close(self) -> None:
        """See `Sandbox.close`: what it has forked dies with it."""
        for session in tuple(self._sessions):
            await session.close()
        with contextlib.suppress(ValueError):
            asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()  # it ends by that, and clears away
        try:
            async with asyncio.timeout(_END_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    async def _begin(self, libraries: Sequence[str], paths: dict[str, Any], walls: WallsName) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        self._awaited[0] = begun
        loop.add_reader(self._control, self._heard)
        bounds = {
            "memory_bytes": self._limits.memory_bytes,
            "disk_bytes": self._limits.disk_bytes,
            "inodes": self._limits.inodes,
            "processes": self._limits.processes,
        }
        around = {"walls": walls, "user": self._users, "bounds": bounds}
        self._say({"do": "begin", "libraries": list(libraries), **paths, **around})
        try:
            async with asyncio.timeout(_START_S):
                said = await begun
        except TimeoutError as fault:
            raise SandboxFault("The sandbox took too long to start.") from fault
        if said["fault"]:
            raise SandboxFault(str(said["fault"])[:500])
        self.missing = said["missing"]

    def _heard(self) -> None:
        try:
            text = self._control.recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError:
            text = b""
        if not text:
            self._broken = True
            asyncio.get_running_loop().remove_reader(self._control)
            for awaited in self._awaited.values():
                if not awaited.done():
                    awaited.set_exception(SandboxFault("The sandbox broke down; the server's log says more."))
            return
        said = json.loads(text)
        waiting = self._awaited.get(said.get("session", 0))
        if waiting is not None and not waiting.done():
            waiting.set_result(said)

    def _end(self, number: int) -> None:
        with contextlib.suppress(OSError):
            self._say({"do": "close", "session": number})

    def _say(self, what: dict[str, Any]) -> None:
        self._control.send(json.dumps(what).encode())


async def _lines() -> tuple[tuple[asyncio.StreamReader, asyncio.StreamWriter], socket.socket, Pipe, int]:
    """Return what a session is reached by, its end of that, what it prints, and where it does so; raises OSError."""
    with contextlib.ExitStack() as undone:
        ours, theirs = map(undone.enter_context, socket.socketpair())
        reading, writing = os.pipe()
        printed = Pipe(reading)
        undone.callback(printed.close)
        undone.callback(os.close, writing)
        streams = await asyncio.open_connection(sock=ours, limit=_READ_AHEAD)
        undone.pop_all()
        return streams, theirs, printed, writing
