"""A thread whose calls are run by the code interpreter, and stored as a run's driver stores them."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from store import rows

from retinue.blobs.memory import MemoryBlobs
from retinue.core.container import Container, ContainerFile
from retinue.core.file import File
from retinue.core.history import RunChange
from retinue.core.item import ToolCall
from retinue.core.run import Status
from retinue.core.tools import CodeInterpreterTool, ToolResources
from retinue.sandbox.base import Limits, SandboxFault
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.lasting import LastingSandbox
from retinue.sandbox.readable import readable
from retinue.sandbox.sessions import Sessions
from retinue.store import Store
from retinue.store.sqlite import SQLite
from retinue.testing import FakeClock
from retinue.tools import CodeInterpreter, ToolResult

LIMITS = Limits(call_s=5.0, memory_bytes=256 << 20, disk_bytes=16 << 20, file_bytes=1 << 20, output_bytes=10_000)


class Desk:
    """What a call has at hand, and a clock that goes on with each."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self.limits = limits
        self.servers: list[ForkServer] = []
        self.blobs = MemoryBlobs()
        self.clock = FakeClock(rows.NOW)
        self.sandbox = LastingSandbox(self._start, pause_s=0)
        self.sessions = Sessions(self.sandbox, warm=0, now=self.clock)
        self.tool = CodeInterpreter(self.sessions, self.blobs, clock=self._tick)
        self.scope = store.scoped("default")
        self.run = structs.replace(rows.run(), thread_id="thread_1")
        self._calls = 0

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, path: Path, limits: Limits = LIMITS) -> AsyncIterator["Desk"]:
        store = await Store.open(SQLite.open(path, synchronous="normal"))
        desk = cls(store, limits)
        try:
            await desk.scope.threads.insert(rows.thread())
            await desk.scope.runs.create(desk.run)
            desk.run = rows.moved(desk.run, Status.IN_PROGRESS)
            spec = structs.replace(desk.run.spec, tools=(CodeInterpreterTool(),))
            desk.run = structs.replace(desk.run, spec=spec)
            yield desk
        finally:
            await desk.sessions.close()
            await desk.sandbox.close()
            await store.close()

    async def call(self, code: str, *, is_stored: bool = True, turn: str | None = None) -> ToolResult:
        """Run code as a turn of its own, and store what came of it."""
        self.clock.advance(1)
        self._calls += 1
        return await self.again(self.tool_call(code, turn or f"step_{self._calls}"), is_stored=is_stored)

    async def again(self, call: ToolCall, *, is_stored: bool = True) -> ToolResult:
        """Run a call that may have been run before."""
        result = await self.tool.run(self.scope, self.run, call)
        if is_stored:
            await self.store(result)
        return result

    async def store(self, *results: ToolResult) -> None:
        collected = tuple(result.collected for result in results if result.collected)
        await self.scope.runs.commit(RunChange(run=self.run, collected=collected))

    def tool_call(self, code: str, turn: str = "step_x") -> ToolCall:
        return ToolCall(
            id=f"item_{self._calls}",
            run_id=self.run.id,
            step_id=turn,
            created_at=self.clock(),
            call_id=f"call_{self._calls}",
            name="code_interpreter",
            arguments=json.dumps({"code": code}),
            kind="code_interpreter",
        )

    async def give(self, *files: tuple[str, str, bytes]) -> None:
        """Have the run's assistant give files to code: ids, names, and what they hold."""
        for id_, name, content in files:
            await self.scope.files.insert(await self._stored(id_, name, content))
        resources = ToolResources(code_interpreter=tuple(id_ for id_, _, _ in files))
        self.run = structs.replace(self.run, spec=structs.replace(self.run.spec, tool_resources=resources))

    async def put(self, path: str, content: bytes) -> None:
        """Put a file into the container, as its caller may."""
        file = await self._stored(f"file-of-{self.clock()}", path, content)
        await self.scope.files.insert(file)
        placed = ContainerFile(
            id=f"cfile_of_{file.id}",
            container_id=(await self.container()).id,
            created_at=self.clock(),
            path=path,
            size=file.size,
            sha256=file.sha256,
            source="user",
            file_id=file.id,
        )
        await self.scope.container_files.put(placed)

    async def container(self) -> Container:
        container = await self.scope.containers.find_of_thread("thread_1")
        assert container is not None
        return container

    async def kept(self) -> dict[str, bytes]:
        """What the container holds."""
        rows = await self.scope.container_files.all((await self.container()).id)
        return {row.path: await self.content(row.file_id or "") for row in rows}

    async def content(self, file_id: str) -> bytes:
        file = await self.scope.files.get(file_id)
        return b"".join([piece async for piece in self.blobs.open(file.blob)])

    async def leave(self) -> None:
        """End the session, as it ends when nobody uses it."""
        self.clock.advance(1_200)
        self.sessions.end_idle()

    def _tick(self) -> float:
        """The time, which goes on while code runs."""
        self.clock.advance(0.001)
        return self.clock()

    async def _stored(self, id_: str, name: str, content: bytes) -> File:
        async def pieces() -> AsyncIterator[bytes]:
            yield content

        blob = await self.blobs.put(pieces())
        return rows.file(id_, name=name, size=blob.size, sha256=blob.sha256, blob=blob.id)

    async def _start(self) -> ForkServer:
        try:
            self.servers.append(await ForkServer.start(self.limits, libraries=[], readable=readable()))
        except SandboxFault as fault:
            pytest.skip(f"this machine has no namespaces: {fault}")
        return self.servers[-1]
