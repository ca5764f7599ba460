"""All that a test of the engine needs, put together once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from msgspec import structs

from engine.books import Books
from engine.scripted import Reply, ScriptedModel, says
from engine.tap import Tap
from engine.toolbox import ScriptedToolbox
from retinue.api.assistants.events import frames
from retinue.api.assistants.form import V2
from retinue.blobs.memory import MemoryBlobs
from retinue.core.assistant import Assistant
from retinue.core.caller import Caller
from retinue.core.events import Event
from retinue.core.history import History
from retinue.core.item import Message, Text
from retinue.core.job import EXPIRE_RUN, Job
from retinue.core.paging import PageQuery
from retinue.core.replay import replay
from retinue.core.run import Run
from retinue.core.step import Step
from retinue.core.thread import Thread
from retinue.core.tools import FileSearchTool, FunctionTool, ToolResources
from retinue.core.usage import Usage
from retinue.core.vector_store import VectorStore
from retinue.engine import Engine, Limits
from retinue.engine.call import Price
from retinue.engine.commands import assistants, messages, runs, threads
from retinue.models import Finished
from retinue.sandbox.base import NoSandbox, Sandbox
from retinue.sandbox.sessions import Sessions
from retinue.store import Scope, Store
from retinue.store.sqlite import SQLite
from retinue.testing import FakeClock

PROJECT = "default"
TOOLS = tuple(FunctionTool(name=f"get_{name}") for name in ("a", "b", "c"))


async def free(_finished: Finished, _usage: Usage) -> float | None:
    return None


class World:
    """A store, an engine over it, a clock, a model that is scripted, an assistant, a thread."""

    def __init__(self, tap: Tap, store: Store) -> None:
        self.tap, self.store = tap, store
        self.clock = FakeClock()
        self.model = ScriptedModel(says("Hello."))
        self.tools = ScriptedToolbox()
        self.books = Books()
        self.sandbox: Sandbox = NoSandbox()
        self.caller = Caller(project=PROJECT)
        self.engines: list[Engine] = []
        self.limits = Limits(max_turns=5)
        self.price: Price = free
        self.engine = self.new_engine()
        self.assistant: Assistant
        self.thread: Thread

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, path: Path) -> AsyncIterator["World"]:
        tap = Tap(SQLite.open(path, synchronous="normal"))
        world = cls(tap, await Store.open(tap))
        try:
            draft = Assistant(id="", created_at=0, model="scripted", tools=TOOLS)
            world.assistant = await assistants.create(world.engine, world.caller, draft)
            world.thread = await world.new_thread()
            yield world
        finally:
            for engine in world.engines:
                await engine.stop(drain_s=0)
            await tap.close()

    @property
    def scope(self) -> Scope:
        return self.store.scoped(PROJECT)

    def new_engine(self) -> Engine:
        """An engine as the next process has it; the one before may still have drivers, frozen ones."""
        self.engine = Engine(
            self.store,
            MemoryBlobs(),
            self.model,
            clock=self.clock,
            limits=self.limits,
            price=self.price,
            tools=self.tools,
            knowledge=self.books,
            sessions=Sessions(self.sandbox),
        )
        self.engines.append(self.engine)
        return self.engine

    def serve(self, *names: str, repeatable: bool = False) -> ScriptedToolbox:
        """Have the server run `get_<name>` itself in runs that start from now on."""
        functions = [f"get_{name}" for name in names]
        self.tools.serves += tuple(functions)
        self.tools.repeatable.update(functions if repeatable else ())
        return self.tools

    async def search_in(self, store: str = "vs_1", **more: Any) -> VectorStore:
        """Have the assistant search files, in a new vector store of its own."""
        made = await self.scope.vector_stores.insert(VectorStore(id=store, created_at=self.clock(), **more))

        def change(assistant: Assistant) -> Assistant:
            tools = (*(tool for tool in assistant.tools if not isinstance(tool, FileSearchTool)), FileSearchTool())
            return structs.replace(assistant, tools=tools, tool_resources=ToolResources(file_search=(store,)))

        self.assistant = await assistants.modify(self.engine, self.caller, self.assistant.id, change)
        return made

    def script(self, *replies: Reply) -> ScriptedModel:
        """Have the model say this from now on."""
        self.model.replies.clear()
        self.model.replies.extend(replies)
        return self.model

    async def new_thread(self, *said: str) -> Thread:
        drafts = [_draft(text) for text in said or ("Hi!",)]
        return await threads.create(self.engine, self.caller, Thread(id="", created_at=0, head=""), drafts)

    async def say(self, text: str) -> Message:
        return await messages.create(self.engine, self.caller, self.thread.id, _draft(text))

    async def start(self, **more: Any) -> Run:
        """Start a run over the thread."""
        request = runs.RunRequest(assistant_id=self.assistant.id, **more)
        return await runs.create(self.engine, self.caller, self.thread.id, request)

    async def listen(self, run: Run, *, after: int = 0) -> list[Event]:
        """The run's events from now until it ends or waits for its client."""
        batches = self.engine.listen(self.scope, run.id, after=after)
        return [event async for batch in batches for event in batch]

    async def finished(self, **more: Any) -> History:
        """Start a run and wait for its end."""
        run = await self.start(**more)
        await self.listen(run)
        return await self.history(run)

    async def history(self, run: Run) -> History:
        return await self.scope.runs.history(run.id)

    async def cancel(self, run: Run) -> Run:
        return await runs.cancel(self.engine, self.caller, run.thread_id, run.id)

    async def submit(self, run: Run, **outputs: str) -> History:
        """Hand in outputs; `a="1"` is the output of `call_a`."""
        by_call = {f"call_{name}": output for name, output in outputs.items()}
        return await runs.submit_outputs(self.engine, self.caller, run.thread_id, run.id, by_call)

    async def expire(self, run: Run) -> None:
        """Let the run's time pass, and do the job that ends it."""
        self.clock.now = run.expires_at
        await self.engine.expire(Job(kind=EXPIRE_RUN, project=PROJECT, key=run.id, due=run.expires_at))

    async def messages(self) -> list[Message]:
        """The thread's messages, oldest first."""
        return list((await self.scope.messages.list(self.thread.id, PageQuery(limit=100, order="asc"))).data)

    async def steps(self, run: Run) -> list[Step]:
        return list((await self.scope.steps.list(run.id, PageQuery(limit=100, order="asc"))).data)


async def driven(run: Run) -> None:
    """Wait until no driver has the run."""
    drivers = [task for task in asyncio.all_tasks() if task.get_name() == f"drive {run.id}"]
    if drivers:
        await asyncio.wait(drivers)


def names(events: list[Event]) -> list[str]:
    """The API's names of the events, in order."""
    lines = frames(events, V2).decode().splitlines()
    return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


def stream(events: list[Event]) -> str:
    """The events as a client gets them."""
    return frames(events, V2).decode()


def replayed(history: History) -> str:
    """The run's whole stream, told again from what is stored."""
    return stream(replay(history))


def check_numbers(events: list[Event]) -> None:
    numbers = [event.number for event in events]
    assert numbers == sorted(set(numbers)), "strictly increasing, none twice"


def _draft(text: str) -> Message:
    return Message(id="", thread_id="", role="user", created_at=0, content=(Text(text),))
