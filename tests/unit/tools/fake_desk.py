"""A thread's code interpreter over sessions, rows and bytes that do as a test says."""

import json
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from types import SimpleNamespace
from typing import Any, cast

from retinue.blobs.base import Blob
from retinue.blobs.memory import MemoryBlobs
from retinue.core.container import Container, ContainerFile
from retinue.core.item import ToolCall
from retinue.core.run import Run, RunSpec
from retinue.core.thread import Thread
from retinue.sandbox.base import Ended, Kept, Output, SandboxFault, Session, SessionLost
from retinue.sandbox.sessions import Sessions
from retinue.store import Scope
from retinue.testing import FakeClock
from retinue.tools import CodeInterpreter, ToolResult


class ScriptedSession:
    """See `Session`: gives what it was told to, and has the files that it was told to have."""

    def __init__(self, outputs: Sequence[Output | SandboxFault], files: dict[str, bytes]) -> None:
        self.outputs, self.files_after, self.ran = outputs, files, 0
        self.lost_when = ""

    async def run(self, code: str) -> AsyncIterator[Output]:
        self.ran += 1
        for output in self.outputs:
            if isinstance(output, SandboxFault):
                raise output
            yield output
        yield Ended()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        self._look("write")

    async def read(self, path: str) -> bytes:
        self._look("read")
        return self.files_after[path]

    async def remove(self, path: str) -> None:
        self._look("remove")
        del self.files_after[path]

    async def files(self) -> list[Kept]:
        self._look("files")
        return [Kept(path=path, size=len(content), changed_ns=1) for path, content in self.files_after.items()]

    async def close(self) -> None:
        self.lost_when = "files"

    def _look(self, what: str) -> None:
        if what == self.lost_when:
            raise SessionLost("lost")


class ScriptedSandbox:
    """See `Sandbox`: opens these, one after the other."""

    def __init__(self, *opened: ScriptedSession | SandboxFault) -> None:
        self.opened = list(opened)

    async def open(self) -> Session:
        session = self.opened.pop(0)
        if isinstance(session, SandboxFault):
            raise session
        return session

    async def close(self) -> None: ...


class FullBlobs(MemoryBlobs):
    """Takes so many, and then fails."""

    def __init__(self, room: int, fault: Exception) -> None:
        self.kept: dict[str, bytes] = {}
        super().__init__(self.kept)
        self._room, self._fault = room, fault

    async def put(self, pieces: AsyncIterable[bytes], *, limit: int | None = None) -> Blob:
        if not self._room:
            raise self._fault
        self._room -= 1
        return await super().put(pieces, limit=limit)


class FakeDesk:
    """What a call has at hand."""

    def __init__(self, *opened: ScriptedSession | SandboxFault, blobs: MemoryBlobs | None = None) -> None:
        self.sessions = Sessions(ScriptedSandbox(*opened), warm=0)
        self.tool = CodeInterpreter(self.sessions, blobs or MemoryBlobs(), clock=FakeClock())
        self.fault: Exception | None = None
        self._container: Container | None = None
        containers = SimpleNamespace(of_thread=self._of_thread)
        container_files = SimpleNamespace(all=self._all)
        threads = SimpleNamespace(get=self._thread)
        # the tool asks for no more of a scope
        self.scope = cast(
            "Scope",
            SimpleNamespace(project="default", containers=containers, container_files=container_files, threads=threads),
        )

    async def call(self, arguments: Any = None) -> ToolResult:
        call = ToolCall(
            id="item_1",
            run_id="run_1",
            step_id="step_1",
            created_at=0,
            call_id="call_1",
            name="code_interpreter",
            arguments=json.dumps({"code": "1"}) if arguments is None else arguments,
            kind="code_interpreter",
        )
        spec = RunSpec(assistant_id="asst_1", model="gpt-4o")
        run = Run(id="run_1", thread_id="thread_1", branch="b", created_at=0, expires_at=600, spec=spec)
        return await self.tool.run(self.scope, run, call)

    async def _of_thread(self, _thread_id: str, new: Container) -> Container:
        if self.fault:
            raise self.fault
        self._container = self._container or new
        return self._container

    async def _all(self, _container_id: str) -> list[ContainerFile]:
        return []

    async def _thread(self, id_: str) -> Thread:
        if self.fault:
            raise self.fault
        return Thread(id=id_, created_at=0, head="b")
