"""Clients that ask again and again how their run is, while it lives; beside them the relay's answers to a GET."""

import contextlib
from collections.abc import Iterator

from bench.figures import Figures, Round
from bench.load import QUESTION, Load, apply
from bench.plan import Plan
from bench.process import Process
from bench.progress import tell
from bench.servers import Server, relay, retinue, upstream

ALIVE = "bench-5000000"  # a delta every 5 s: it lives for longer than this takes
PAUSE_S = 1.0  # between two polls of one client, as the official clients wait if nothing tells them otherwise


def measure(plan: Plan) -> Iterator[Round]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream())
        relayed = stack.enter_context(relay(port))
        compared = {"relay": (relayed.process, Load(port=relayed.port, paths=["/v1/models"]))}
        for prefix, checkout in plan.checkouts():
            server = stack.enter_context(retinue(port, checkout=checkout, synchronous="normal"))
            compared[f"{prefix}polls"] = server.process, poll_load(server, plan.pollers)
        for number in range(plan.rounds):
            tell(f"  round {number + 1} of {plan.rounds}")
            yield {name: polls(process, load, plan) for name, (process, load) in compared.items()}


def poll_load(server: Server, runs: int) -> Load:
    """Start so many runs; return polls of them, a run each."""
    assistant = server.make_assistant(ALIVE)
    body = {"assistant_id": assistant, "thread": {"messages": [QUESTION]}}
    started = [server.post("/v1/threads/runs", body) for _ in range(runs)]
    paths = [f"/v1/threads/{run['thread_id']}/runs/{run['id']}" for run in started]
    return Load(port=server.port, paths=paths, final_mark='"status":"in_progress"')


def polls(process: Process, load: Load, plan: Plan) -> Figures:
    before_s = process.cpu_seconds()
    many = apply(load, plan, callers=plan.pollers)
    spent_us = (process.cpu_seconds() - before_s) * 1e6
    paced = apply(load, plan, callers=plan.pollers, pause_s=PAUSE_S)
    return {
        "polls_per_s": many.per_second,
        "cpu_us_per_poll": spent_us / max(1, many.answers),
        "poll_ms_p50": paced.total_ms_p50,
        "poll_ms_p99": paced.total_ms_p99,
    }
