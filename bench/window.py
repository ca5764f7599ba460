"""Measure what a turn costs in a long thread beside a short one, and in windows of 128,000 and a million tokens.

This is CPU time of the engine, in this process, with a model that answers at once: threads of 10,000 and of 50
messages, in both of which the window holds the newest 50. The ratio is what counts.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bench.figures import Figures, Round
from bench.plan import Plan
from retinue.blobs.memory import MemoryBlobs
from retinue.context import Context
from retinue.core.assistant import Assistant
from retinue.core.caller import Caller
from retinue.core.item import Message, Text
from retinue.core.run import Status
from retinue.core.thread import Thread
from retinue.core.usage import Usage
from retinue.engine import Engine, Limits
from retinue.engine.commands import assistants, messages, runs, threads
from retinue.models import Finished, ModelCard, ModelEvent, ModelFacts, ModelRequest, Relayed, RelayRequest, TextPiece
from retinue.store import Store
from retinue.store.sqlite import SQLite

TEXT = "Tell me something interesting about latency, in two sentences, please. " * 2  # some 27 tokens
SHORT, LONG = 50, 10_000  # messages
TURNS = 50  # of each, a round
WINDOWS = (128_000, 1_000_000)  # tokens
CALLER = Caller(project="default")


class Instant:
    """A model that answers at once."""

    def __init__(self, context_tokens: int) -> None:
        self._context_tokens = context_tokens
        self.sent = 0

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Sequence[ModelEvent], None]:
        self.sent = len(request.messages)
        return _say()

    def relay(self, request: RelayRequest) -> AbstractAsyncContextManager[Relayed]:
        raise NotImplementedError("runs relay nothing")

    async def facts(self, name: str) -> ModelFacts:
        return ModelFacts(model=name, context_tokens=self._context_tokens)

    async def cards(self) -> list[ModelCard]:
        return []

    async def close(self) -> None:
        pass


async def _say() -> AsyncGenerator[Sequence[ModelEvent], None]:
    yield (TextPiece("Yes."), Finished(reason="stop", model="gpt-4o", usage=Usage(prompt=1, completion=1)))


class Bench:
    """An engine over a database of its own."""

    def __init__(self, store: Store, model: Instant) -> None:
        blobs = MemoryBlobs()
        self.model = model
        self.engine = Engine(
            store, blobs, model, clock=time.time, limits=Limits(), price=_free, context=Context(model, blobs)
        )

    async def thread(self, length: int, text: str = TEXT) -> Thread:
        drafts = [_draft(f"{n}: {text}") for n in range(length)]  # none is counted twice
        return await threads.create(self.engine, CALLER, Thread(id="", created_at=0, head=""), drafts)

    async def turn(self, thread: Thread, assistant: Assistant, *, last: int | None = None) -> tuple[float, float]:
        """Say something and run; return seconds of CPU and of the clock."""
        await messages.create(self.engine, CALLER, thread.id, _draft(TEXT))
        cpu, clock = time.process_time(), time.perf_counter()
        request = runs.RunRequest(assistant_id=assistant.id, last_messages=last)
        run = await runs.create(self.engine, CALLER, thread.id, request)
        scope = self.engine.store.scoped(CALLER.project)
        async for _ in self.engine.listen(scope, run.id, after=0):
            pass
        spent = time.process_time() - cpu, time.perf_counter() - clock
        assert (await scope.runs.get(thread.id, run.id)).status is Status.COMPLETED
        return spent

    async def assistant(self) -> Assistant:
        return await assistants.create(self.engine, CALLER, Assistant(id="", created_at=0, model="gpt-4o"))


async def _free(_finished: Finished, _usage: Usage) -> float | None:
    return None


def _draft(text: str) -> Message:
    return Message(id="", thread_id="", role="user", created_at=0, content=(Text(text),))


def measure(plan: Plan) -> Iterator[Round]:
    yield asyncio.run(turns(TURNS * plan.rounds))


async def turns(number: int) -> Round:
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(SQLite.open(Path(folder) / "retinue.db", synchronous="normal"))
        taken = await compare(store, number)
        taken |= {f"{tokens:,} tokens": await wide(store, tokens) for tokens in WINDOWS}
        await store.close()
    return taken


async def compare(store: Store, turns: int) -> Round:
    """Return what a turn costs in both threads, in windows bounded by tokens."""
    bench = Bench(store, Instant(context_tokens=2_200))  # less the reply's share, room for some 50 messages
    assistant = await bench.assistant()
    made = {name: await bench.thread(length) for name, length in (("short", SHORT), ("long", LONG))}
    costs: dict[str, list[float]] = {name: [] for name in made}
    for number in range(turns):
        for name, thread in made.items():
            cpu, _ = await bench.turn(thread, assistant)
            if number >= turns // 4:  # the first ones load the encoding, and fill both windows
                costs[name].append(cpu)
    return {name: {"cpu_us_per_turn": statistics.median(found) * 1e6} for name, found in costs.items()}


async def wide(store: Store, context: int) -> Figures:
    """Return the seconds of the first turns in a thread that fills a window of this size."""
    bench = Bench(store, Instant(context_tokens=context))
    assistant = await bench.assistant()
    text = " ".join(f"{word}{n}" for n in range(60) for word in ("latency", "is", "Zürich", "naïve"))
    each = 600  # tokens of that text, about
    thread = await bench.thread(context // each, text)
    (first, _), (second, _) = [await bench.turn(thread, assistant) for _ in range(2)]
    return {"cpu_s_first_turn": first, "cpu_s_second_turn": second}
