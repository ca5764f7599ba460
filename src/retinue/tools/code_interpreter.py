"""The hosted tool `code_interpreter`: a model's Python, run in the session of its thread's container."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import structlog

from retinue.blobs import Blobs
from retinue.core.clock import Clock
from retinue.core.code import code_of
from retinue.core.container import Container, ContainerFile
from retinue.core.errors import NotFound, StoreFault
from retinue.core.ids import new_id
from retinue.core.item import ToolCall
from retinue.core.run import Run
from retinue.core.step import RunError
from retinue.sandbox.base import SandboxFault, SessionLost
from retinue.sandbox.sessions import Held, Sessions
from retinue.store import Scope
from retinue.tools.base import ToolResult
from retinue.tools.interpreter.cell import Cell, on_its_own_line
from retinue.tools.interpreter.collecting import Collector
from retinue.tools.interpreter.given import together
from retinue.tools.interpreter.notes import Notes
from retinue.tools.interpreter.workspace import Workspace

log = structlog.get_logger()

_LONGEST_CODE = 80_000  # characters: whatever they are, a session takes them in one message
_WANTED = 'Nothing was run. Send {"code": "..."}: Python, as in a cell of a notebook.'
_TOO_LONG = f"Nothing was run: the code is longer than {_LONGEST_CODE:,} characters. Run it in several calls."
_ANEW = (
    "Python was started anew since the last call: names and imports of earlier calls are gone, "
    "the files in /mnt/data are there."
)
_LOST = (
    "The session broke down, and Python was started anew: names and imports are gone, and so is what this call wrote. "
    "Files of earlier calls are kept in /mnt/data."
)
_NOT_STORED = "The files and charts of this call could not be stored: the server's disk did not take them."
_NOT_NOW = "The code can't be run now: {}"
_BROKEN = "The code can't be run now: the server made a mistake, and its log says more."


class CodeInterpreter:
    """See `HostedTool`. What comes out of a session is the model's doing: bounded, checked, and never trusted."""

    idempotent = True
    """Code has no effect outside of its session, and what it left behind is stored with what its call came to."""

    def __init__(self, sessions: Sessions, blobs: Blobs, *, clock: Clock) -> None:
        self._sessions, self._blobs, self._clock = sessions, blobs, clock
        self._workspaces: WeakKeyDictionary[Held, Workspace] = WeakKeyDictionary()

    async def run(self, scope: Scope, run: Run, call: ToolCall) -> ToolResult:
        """Run the code, and give the charts and files that came of it. That code raises is no failure of the call."""
        code = code_of(call.arguments)
        if not code.strip() or len(code) > _LONGEST_CODE:
            return _failed(_TOO_LONG if code.strip() else _WANTED)
        try:
            return await self._result(scope, run, call, code)
        except (StoreFault, NotFound) as fault:
            return _failed(_NOT_NOW.format(fault.message))
        except Exception:
            log.exception("code_failed_inside", run=run.id)
            return _failed(_BROKEN)

    async def _result(self, scope: Scope, run: Run, call: ToolCall, code: str) -> ToolResult:
        new = self._new_container(run.thread_id)
        container = await scope.containers.of_thread(run.thread_id, new)
        user = _Use(self._blobs, scope, run, call, container, clock=self._clock, had_calls=container.id != new.id)
        try:
            return await self._used(user, Cell(code))
        except SessionLost:  # before any of the code ran: it broke down since its last use
            pass
        except SandboxFault as fault:
            return _no_sandbox(fault)
        try:
            return await self._used(user, Cell(code))
        except SandboxFault as fault:
            return _no_sandbox(fault)

    async def _used(self, user: "_Use", cell: Cell) -> ToolResult:
        """Use the container's session once; raises SandboxFault if none of the code has run."""
        try:
            async with self._sessions.use((user.scope.project, user.container.id)) as held:
                return await user.run(cell, held, self._workspaces.setdefault(held, Workspace()))
        except SessionLost as fault:
            if not cell.begun:
                raise
            log.warning("session_lost", container=user.container.id, why=fault.message)
            return ToolResult(output=on_its_own_line(cell.logs, _LOST), outcome="failed", error=_LOST)

    def _new_container(self, thread_id: str) -> Container:
        now = self._clock()
        return Container(
            id=new_id("cntr"),
            created_at=now,
            name=thread_id,
            last_active_at=now,
            thread_id=thread_id,
            expires_minutes=None,
        )


class _Use:
    """What one call has to do with its session."""

    def __init__(
        self,
        blobs: Blobs,
        scope: Scope,
        run: Run,
        call: ToolCall,
        container: Container,
        *,
        clock: Clock,
        had_calls: bool,
    ) -> None:
        """`had_calls` tells whether code has run in the container before."""
        self._blobs, self._run, self._clock, self._had_calls = blobs, run, clock, had_calls
        self._call = (call.step_id, call.call_id)
        self.scope, self.container = scope, container

    async def run(self, cell: Cell, held: Held, folder: Workspace) -> ToolResult:
        """Bring files in, run the code, collect what it left; raises SessionLost."""
        notes = Notes()
        if held.is_new and self._had_calls:
            notes.add(_ANEW)
        try:
            own = await self._prepare(held, folder, notes)
        except (StoreFault, NotFound) as fault:  # told here: the session is as it was, and is kept
            return _failed(_NOT_NOW.format(fault.message))
        await cell.run(held.session)
        collector = Collector(self._blobs, self.container, own, clock=self._clock)
        try:
            await collector.take_charts(cell.charts, notes)
            await collector.take_files(held.session, folder, notes)
        except (StoreFault, OSError) as fault:
            log.error("code_output_not_stored", why=str(fault))
            await collector.undo()
            return _not_stored(cell, notes)
        except Exception:  # not if it is cancelled: the next start clears away what nobody owns
            await collector.undo()
            raise
        collected = collector.collected
        folder.hand_over(self._call, collected, before=self.container.last_active_at)
        return ToolResult(
            output=cell.logs,
            charts=tuple(collector.charts),
            files=tuple(collector.written),
            notes=notes.all(),
            collected=collected,
        )

    async def _prepare(self, held: Held, folder: Workspace, notes: Notes) -> Sequence[ContainerFile]:
        """Have the folder hold what is stored; return what the container has of its own."""
        own = await self.scope.container_files.all(self.container.id)
        given = together(await folder.mounts.of(self.scope, self._run, notes), own)
        folder.compare(self._call, self.container, own, given)
        await folder.prepare(given, held.session, self.scope, self._blobs, notes)
        return own


def _failed(why: str) -> ToolResult:
    return ToolResult(output=why, outcome="failed", error=why)


def _not_stored(cell: Cell, notes: Notes) -> ToolResult:
    notes.add(_NOT_STORED)
    return ToolResult(output=cell.logs, outcome="failed", error=_NOT_STORED, notes=notes.all())


def _no_sandbox(fault: SandboxFault) -> ToolResult:
    """The run ends with it: no other words of the model's would help."""
    error = RunError(code="server_error", message=fault.message)
    return ToolResult(output=fault.message, outcome="failed", error=fault.message, ends_run=error)
