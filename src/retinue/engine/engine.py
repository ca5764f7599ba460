"""The engine: every live run's driver, and the way to listen to any run."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from weakref import WeakValueDictionary

import structlog
from msgspec import structs

from retinue.blobs import Blobs
from retinue.context import Context
from retinue.core.assistant import Metadata
from retinue.core.clock import Clock
from retinue.core.errors import NotFound, StoreUnavailable
from retinue.core.events import Event
from retinue.core.history import History
from retinue.core.item import Message
from retinue.core.job import Job
from retinue.core.replay import replay
from retinue.engine.answers import Answers
from retinue.engine.bus import Bus, MemoryBus, RunKey
from retinue.engine.call import Price
from retinue.engine.driver import Driver, Interrupt, Limits
from retinue.knowledge import Knowledge, NoKnowledge
from retinue.models import Model
from retinue.sandbox.base import NoSandbox
from retinue.sandbox.sessions import Sessions
from retinue.store import Scope, Store
from retinue.tools import CodeInterpreter, FileSearch, HostedTools, NoTools, Toolbox

log = structlog.get_logger()

_EXPIRY_PATIENCE_S = 30.0  # for a run's end to be stored; a job that takes longer is tried again


class Engine:
    """Drives runs over a store, a model and tools. One process, one engine."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        model: Model,
        *,
        clock: Clock,
        limits: Limits,
        price: Price,
        context: Context | None = None,
        tools: Toolbox | None = None,
        knowledge: Knowledge | None = None,
        sessions: Sessions | None = None,
        bus: Bus | None = None,
    ) -> None:
        self.store = store
        self.blobs = blobs
        self.clock = clock
        self.limits = limits
        self.tools = tools or NoTools()
        self.knowledge = knowledge or NoKnowledge()
        self.sessions = sessions or Sessions(NoSandbox())
        """Where code runs, each for a container; they end with the engine."""
        self._model, self._price = model, price
        self._context = context or Context(model, blobs)
        self.answers = Answers()
        self.jobs_added = asyncio.Event()
        """Set by whoever added a job that is due, so that the worker looks at once."""
        self._hosted: HostedTools = {
            "file_search": FileSearch(self.knowledge, clock=clock),
            "code_interpreter": CodeInterpreter(self.sessions, blobs, clock=clock),
        }
        self._bus = bus or MemoryBus()
        self._drivers: dict[RunKey, Driver] = {}
        self._tasks: dict[RunKey, asyncio.Task[None]] = {}
        self._waiting: dict[RunKey, tuple[Scope, History, Sequence[Event]]] = {}
        self._stopping = False
        self._locks: WeakValueDictionary[RunKey, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> int:
        """Take up the runs that a process before this one did not end; return how many."""
        unfinished = await self.store.unfinished_runs()
        # side by side, so that their writes share commits: there may be hundreds
        await asyncio.gather(*(self._take_over(self.store.scoped(project), run_id) for project, run_id in unfinished))
        return len(unfinished)

    async def stop(self, *, drain_s: float) -> None:
        """Let live runs end for at most `drain_s` seconds; the rest are taken up at the next start."""
        tasks = list(self._tasks.values())
        self._stopping = drain_s == 0
        if tasks:
            if drain_s:
                sentence = "letting live runs end; if stopped again, they go on at the next start"
                log.info(sentence, runs=len(tasks), at_most_s=drain_s)
            _, late = await asyncio.wait(tasks, timeout=drain_s)
            self._stopping = True
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.answers.close()
        await self.sessions.close()

    def drive(self, scope: Scope, history: History, told: Sequence[Event] = ()) -> None:
        """Put a driver on the run. `told` are events of its last commit that nobody has heard.

        A driver that has it under an older fence can't write any more; the new one begins when it has let go.
        """
        fence, key = history.run.fence, (scope.project, history.run.id)
        if driver := self._drivers.get(key):
            waiting = self._waiting.get(key)
            if fence > (waiting[1].run.fence if waiting else driver.fence):
                self._waiting[key] = (scope, history, told)
            return
        self._start(scope, history, told)

    async def listen(self, scope: Scope, run_id: str, *, after: int = 0) -> AsyncIterator[Sequence[Event]]:
        """Yield the run's events numbered above `after`, stored ones first, until it ends or waits for its client."""
        channel = self._bus.find((scope.project, run_id))
        if channel is None or after + 1 < channel.first:
            stored = replay(await scope.runs.history(run_id), after=after)
            told = stored if channel is None else [event for event in stored if event.number < channel.first]
            if told:
                yield told
        while channel is not None:
            async for batch in channel.follow(after=after):
                yield batch
                after = batch[-1].number
            following = self._bus.find((scope.project, run_id))  # a driver under a newer fence may have begun
            channel = following if following is not channel else None

    def as_said(self, scope: Scope, message: Message) -> Message:
        """Return a stored message with what its run has said meanwhile, if it is still being said."""
        said_now = message.status == "in_progress" and message.run_id
        driver = self._drivers.get((scope.project, said_now)) if said_now else None
        for item in driver.said() if driver else ():
            if isinstance(item, Message) and item.id == message.id:
                return structs.replace(message, content=item.content)
        return message

    async def interrupt(self, scope: Scope, run_id: str, why: Interrupt) -> None:
        """Bring about the end of a run that was asked to cancel, or whose time is over."""
        key = (scope.project, run_id)
        task = self._tasks.get(key)
        if task is None or task.done():
            await self._take_over(scope, run_id)
        else:
            self._drivers[key].interrupt(why)

    def alone_with(self, scope: Scope, id_: str) -> asyncio.Lock:
        """Return the lock that lets one wish at a time change a run and see to its driver, or complete an upload."""
        return self._locks.setdefault((scope.project, id_), asyncio.Lock())

    def note_metadata(self, scope: Scope, run_id: str, of: str, metadata: Metadata) -> None:
        """Let a live run's events tell the metadata that was just stored, of the run itself or of its message."""
        if driver := self._drivers.get((scope.project, run_id)):
            driver.journal.metadata[of] = metadata

    async def expire(self, job: Job) -> None:
        """Do a job of kind `expire_run`; raises StoreUnavailable unless the run's end is stored in time."""
        scope = self.store.scoped(job.project)
        async with self.alone_with(scope, job.key):
            await self.interrupt(scope, job.key, "expire")
        while task := self._tasks.get((job.project, job.key)):
            ended, _ = await asyncio.wait([task], timeout=_EXPIRY_PATIENCE_S)
            if not ended:
                raise StoreUnavailable("The run's end is not stored yet.")

    def abort(self, scope: Scope, run_id: str) -> None:
        """Stop driving a run whose thread was deleted."""
        if task := self._tasks.get((scope.project, run_id)):
            task.cancel()

    async def _take_over(self, scope: Scope, run_id: str) -> None:
        try:
            history = await scope.runs.take_over(run_id)
        except NotFound:
            return
        if not history.run.status.final:
            self.drive(scope, history)

    def _start(self, scope: Scope, history: History, told: Sequence[Event]) -> None:
        run, key = history.run, (scope.project, history.run.id)
        channel = self._bus.open(key, first=run.first_number)
        driver = Driver(
            scope,
            self._model,
            self._context,
            self.tools,
            self._hosted,
            self.blobs,
            channel,
            run.fence,
            clock=self.clock,
            limits=self.limits,
            price=self._price,
            answers=self.answers,
        )
        self._drivers[key] = driver
        task = asyncio.create_task(driver.drive(history, told), name=f"drive {run.id}")
        self._tasks[key] = task
        task.add_done_callback(lambda _: self._let_go(key))

    def _let_go(self, key: RunKey) -> None:
        del self._drivers[key], self._tasks[key]
        following = self._waiting.pop(key, None)
        self._bus.close(key)
        if following and not self._stopping:
            self._start(*following)
