"""The code interpreter, through the whole tool: container, files, session, code, what it leaves; but for the model.

A thread's first call takes a session that was opened ahead; `cold` ones are opened when they are asked for. Then many
threads have a session each, which nobody uses: what they take is measured process by process.
"""

import asyncio
import contextlib
import json
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figures, Round
from bench.plan import Plan
from bench.process import resident_mb
from bench.progress import tell
from retinue.blobs.folder import BlobFolder
from retinue.core.history import RunChange
from retinue.core.ids import new_id
from retinue.core.item import ToolCall
from retinue.core.run import Run, RunSpec, Status
from retinue.core.thread import Thread
from retinue.core.tools import CodeInterpreterTool
from retinue.sandbox.base import Limits
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.libraries import PRELOADED
from retinue.sandbox.readable import readable
from retinue.sandbox.sessions import Sessions
from retinue.store import Scope, Store
from retinue.store.sqlite import SQLite
from retinue.tools import CodeInterpreter

SETTLED_S = 0.5  # between two threads' first calls: time for the pool to fill itself
THREADS, CALLS, CHARTS = 20, 300, 20
IDLE = 200
CHART = """
import pandas as pd
import matplotlib.pyplot as plt
table = pd.DataFrame({"city": ["Oslo", "Rome", "Bonn"] * 1000, "sold": range(3000)})
sums = table.groupby("city")["sold"].sum()
sums.plot.bar(title="Sold")
sums
"""


def measure(plan: Plan) -> Iterator[Round]:
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(everything(Path(folder)))


async def everything(folder: Path) -> Round:
    store = await Store.open(SQLite.open(folder / "retinue.db", synchronous="full"))
    began = time.perf_counter()
    server = await ForkServer.start(Limits(), libraries=PRELOADED, readable=readable())
    start_s = time.perf_counter() - began
    sessions = Sessions(server, most=IDLE + 10, warm=2)
    bench = Bench(store.scoped("default"), CodeInterpreter(sessions, BlobFolder(folder / "blobs"), clock=time.time))
    try:
        taken: Round = {"cold": await first_calls(bench, pause_s=0.0)}
        sessions.start()
        taken["warm"] = await first_calls(bench, pause_s=SETTLED_S)
        run = await bench.thread()
        taken["1+1"] = await calls(bench, run, "1+1", CALLS)
        taken["group-by and chart"] = await calls(bench, run, CHART, CHARTS)
        tell(f"  {IDLE} sessions ...")
        while sessions.alive < IDLE:
            await bench.call(await bench.thread(), "1+1")
        await asyncio.sleep(SETTLED_S)
        taken["idle"] = {"alive": sessions.alive, "start_s": start_s} | memory(server.pid, sessions.alive)
    finally:
        await sessions.close()
        await server.close()
        await store.close()
    return taken


class Bench:
    """Threads whose calls the tool runs, and whose outcomes are stored as a run's are."""

    def __init__(self, scope: Scope, tool: CodeInterpreter) -> None:
        self._scope, self._tool = scope, tool

    async def thread(self) -> Run:
        """Return a run in a thread of its own."""
        now = time.time()
        thread = Thread(id=new_id("thread"), created_at=now, head=new_id("branch"))
        await self._scope.threads.insert(thread)
        spec = RunSpec(assistant_id="asst_1", model="none", instructions="", tools=(CodeInterpreterTool(),))
        run = Run(
            id=new_id("run"),
            thread_id=thread.id,
            branch=thread.head,
            created_at=now,
            expires_at=now + 3_600,
            spec=spec,
            status=Status.QUEUED,
        )
        run = run.moved(Status.QUEUED, at=now, event=1)
        await self._scope.runs.create(run)
        return run

    async def call(self, run: Run, code: str) -> float:
        """Have code run and return how many milliseconds it took; what it left is stored after that."""
        call = ToolCall(
            id=new_id("item"),
            run_id=run.id,
            step_id=new_id("step"),
            created_at=time.time(),
            call_id=new_id("call"),
            name="code_interpreter",
            arguments=json.dumps({"code": code}),
            kind="code_interpreter",
        )
        began = time.perf_counter()
        result = await self._tool.run(self._scope, run, call)
        took = time.perf_counter() - began
        assert result.outcome == "done", result
        assert "Traceback" not in result.output, result.output
        if result.collected:
            await self._scope.runs.commit(RunChange(run=run, collected=(result.collected,)))
        return took * 1_000


async def first_calls(bench: Bench, *, pause_s: float) -> Figures:
    """Measure the first call of threads: their sessions are opened, or were opened ahead."""
    took = []
    for _ in range(THREADS):
        run = await bench.thread()
        await asyncio.sleep(pause_s)
        took.append(await bench.call(run, "1+1"))
    return times(took)


async def calls(bench: Bench, run: Run, code: str, count: int) -> Figures:
    await bench.call(run, code)
    return times([await bench.call(run, code) for _ in range(count)])


def times(took: list[float]) -> Figures:
    return {"call_ms_p50": statistics.median(took), "call_ms_p99": sorted(took)[int(len(took) * 0.99)]}


def memory(server: int, sessions: int) -> Figures:
    """Return the private memory of a session, and all that the process has which they are forked from, in MB."""
    (source,) = children(server)
    below = list(descendants(source))
    return {"session_mb": sum(map(private_mb, below)) / sessions, "fork_server_mb": resident_mb(source)}


def descendants(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield child
        yield from descendants(child)


def children(pid: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError):  # it has ended meanwhile
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def private_mb(pid: int) -> float:
    """Return what a process has for itself: its clean pages are shared with the process that it was forked from."""
    kept = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB$", kept, re.MULTILINE)) / 1_024
