"""From the command to the first answer, and what a server takes that nobody asks anything."""

import contextlib
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from bench.figures import Figures, Round
from bench.plan import Plan
from bench.progress import tell
from bench.servers import Server, relay, retinue, upstream

SETTLE_S = 1.0


def measure(plan: Plan) -> Iterator[Round]:
    with upstream() as port:
        starts: dict[str, Callable[[], AbstractContextManager[Server]]] = {"relay": partial(relay, port)}
        for prefix, checkout in plan.checkouts():
            starts[f"{prefix}server"] = partial(retinue, port, checkout=checkout)
        ready: dict[str, list[float]] = {name: [] for name in starts}
        for _ in range(plan.starts):
            for name, start in starts.items():
                with start() as server:
                    ready[name].append(server.ready_s)
        with contextlib.ExitStack() as stack:
            idle = {name: stack.enter_context(start()) for name, start in starts.items()}
            figures = left_alone(idle, plan)
        yield {name: {"ready_s": statistics.median(ready[name])} | figures[name] for name in starts}


def left_alone(servers: dict[str, Server], plan: Plan) -> Round:
    tell(f"  {plan.idle_s:.0f} s of idling ...")
    time.sleep(SETTLE_S)
    before_s = {name: server.process.cpu_seconds() for name, server in servers.items()}
    time.sleep(plan.idle_s)
    return {name: idle_figures(server, before_s[name], plan.idle_s) for name, server in servers.items()}


def idle_figures(server: Server, before_s: float, idle_s: float) -> Figures:
    spent_s = server.process.cpu_seconds() - before_s
    return {"idle_mb": server.process.resident_mb(), "idle_cpu_percent": 100 * spent_s / idle_s}
