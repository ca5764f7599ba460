"""Sessions of a fork server on this machine."""

import asyncio
import contextlib
import json
import os
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from typing import Any

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.pipe import Pipe
from retinue.sandbox.session import LocalSession

_START_S, _OPEN_S = 60.0, 10.0
_LONGEST = 65_536  # bytes of a message
_USERS = 1_870_000_000
"""The first of the users that sessions get where the server is root: far above those that systems give away."""
_READ_AHEAD = 1 << 20  # bytes of a session's answers
_NOT_OPENED = "No session can be opened: {}."
_ZYGOTE = "retinue.sandbox.inside.zygote"


class ForkServer:
    """See `Sandbox`. One process has the libraries loaded, and every session is a fork of it."""

    def __init__(self, process: Process, control: socket.socket, limits: Limits) -> None:
        self._process, self._control, self._limits = process, control, limits
        self._number = 0
        self._sessions: set[LocalSession] = set()
        self._awaited: dict[int, asyncio.Future[Any]] = {}
        self.missing: Sequence[str] = ()
        """Libraries that were to be loaded and are not there."""

    @classmethod
    async def start(
        cls, limits: Limits, *, libraries: Sequence[str], readable: Sequence[str], hidden: Sequence[str] = ()
    ) -> "ForkServer":
        """Return one that is ready; raises SandboxFault where this machine lets none be.

        What is `hidden`, such as the server's own data, sessions can't read, though it may lie below what they can.
        """
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
            await server._begin(libraries, readable, hidden)
        except BaseException:
            await server.close()
            raise
        return server

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    def kill(self) -> None:
        """Have it die, and with it all sessions."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def open(self) -> Session:
        """See `Sandbox.open`."""
        self._number += 1
        number, opened = self._number, asyncio.get_running_loop().create_future()
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe()
        streams = await asyncio.open_connection(sock=ours, limit=_READ_AHEAD)
        session = LocalSession(streams, Pipe(reading), self._limits, lambda: self._end(number))
        self._sessions = {each for each in self._sessions if not each.closed} | {session}
        self._awaited[number] = opened
        try:
            with theirs:
                asked = json.dumps({"do": "open", "session": number, "user": _USERS + number}).encode()
                socket.send_fds(self._control, [asked], [theirs.fileno(), writing])
            async with asyncio.timeout(_OPEN_S):
                if not (await opened)["is_open"]:
                    raise SandboxFault(_NOT_OPENED.format("its walls can't be built; the server's log says why"))
                await session.opened()
        except BaseException as fault:
            await session.close()
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
        self._control.close()
        self.kill()
        await self._process.wait()

    async def _begin(self, libraries: Sequence[str], readable: Sequence[str], hidden: Sequence[str]) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        self._awaited[0] = begun
        loop.add_reader(self._control, self._heard)
        bounds = {
            "memory_bytes": self._limits.memory_bytes,
            "disk_bytes": self._limits.disk_bytes,
            "inodes": self._limits.inodes,
            "processes": self._limits.processes,
        }
        paths = {"readable": list(readable), "hidden": list(hidden)}
        self._say({"do": "begin", "libraries": list(libraries), "bounds": bounds, **paths})
        try:
            async with asyncio.timeout(_START_S):
                self.missing = (await begun)["missing"]
        except TimeoutError as fault:
            raise SandboxFault("The sandbox took too long to start.") from fault

    def _heard(self) -> None:
        try:
            text = self._control.recv(_LONGEST)
        except BlockingIOError:
            return
        except OSError:
            text = b""
        if not text:
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
