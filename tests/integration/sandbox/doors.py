"""Doors over sandboxes, served in this process; a sandbox that does as it is told; runners as processes."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from types import FrameType

import pytest
import uvicorn
from msgspec import Struct

from retinue.app.protocol import HTTPProtocol
from retinue.sandbox.base import Ended, Kept, Limits, Output, Printed, Sandbox, Session, SessionLost
from retinue.sandbox.remote.door import Door, about
from retinue.sandbox.remote.runners import Runners
from retinue.sandbox.remote.tenants import Bounds, Tenants

KEY = "0123456789abcdef-of-tests"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


class Served(Struct, frozen=True):
    """A door that is open."""

    url: str
    tenants: Tenants


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True


@contextlib.asynccontextmanager
async def door_over(
    sandbox: Sandbox, *, limits: Limits | None = None, bounds: Bounds | None = None, beat_s: float = 5.0
) -> AsyncIterator[Served]:
    bounds = bounds or Bounds()
    tenants = Tenants(sandbox, bounds)
    door = Door(tenants, about(limits or Limits(), bounds, back_end="tests", missing=[]), key=KEY, beat_s=beat_s)
    config = uvicorn.Config(
        door.app, http=HTTPProtocol, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", tenants)
        finally:
            await tenants.drain(0)
            server.should_exit = True
            await task


@contextlib.asynccontextmanager
async def runners_at(*urls: str, limits: Limits | None = None, key: str = KEY) -> AsyncIterator[Runners]:
    runners = Runners(urls, key, limits or Limits())
    try:
        yield runners
    finally:
        await runners.close()


class Scripted:
    """A sandbox whose sessions print their code, and wait where it says so."""

    def __init__(self) -> None:
        self.opened: list[ScriptedSession] = []

    async def open(self) -> Session:
        self.opened.append(ScriptedSession())
        return self.opened[-1]

    async def close(self) -> None: ...


class ScriptedSession:
    def __init__(self) -> None:
        self.go_on, self.begun, self.closed, self.ended = (asyncio.Event() for _ in range(4))
        self.contents: dict[str, bytes] = {}

    async def run(self, code: str) -> AsyncGenerator[Output]:
        try:
            yield Printed(code)
            self.begun.set()
            if code == "wait":
                await self.go_on.wait()
            if code == "lose":
                raise SessionLost("It is lost.")
            yield Ended()
        finally:
            self.ended.set()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        self.contents[path] = (self.contents.get(path, b"") if more else b"") + content

    async def read(self, path: str) -> bytes:
        return self.contents[path]

    async def remove(self, path: str) -> None:
        del self.contents[path]

    async def files(self) -> list[Kept]:
        return [Kept(path=path, size=len(content), changed_ns=1) for path, content in self.contents.items()]

    async def close(self) -> None:
        self.closed.set()


class RunnerProcess:
    """`retinue sandbox serve`."""

    def __init__(self, process: Process, url: str) -> None:
        self.process, self.url = process, url

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)

    async def ended(self) -> tuple[int, str]:
        """Return its exit code, and what it has said since it was ready."""
        said, _ = await self.process.communicate()
        return self.process.returncode or 0, said.decode()


@contextlib.asynccontextmanager
async def runner_process(*arguments: str) -> AsyncIterator[RunnerProcess]:
    command = (sys.executable, "-m", "retinue", "sandbox", "serve", "--port", "0", *arguments)
    environment = {**os.environ, "RETINUE_RUNNER_KEY": KEY, "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE)
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        found = _ADDRESS.search(line)
        if found is None and await process.wait() == 2:
            pytest.skip("nothing on this machine walls code in")
        assert found is not None, line
        yield RunnerProcess(process, found[0])
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what nothing tells of: the end of a process, say."""
    while not holds():
        await asyncio.sleep(0.01)
