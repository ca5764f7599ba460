"""What open streams keep in memory, and whether ten thousand of them are held at once and served."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from bench.build import raise_file_limit
from bench.figures import Figures, Round
from bench.load import SLOW, Load, Result, chat_load, reported, start_load, wait_until_open
from bench.plan import Plan
from bench.progress import tell
from bench.servers import Server, relay, retinue, upstream
from bench.targets import run_load

SETTLE_S = 1.0
SLOWEST, SLOWEST_S = "bench-5000000", 5.0  # for very many: a delta every 5 s
OPEN_TIMEOUT_S, VERY_MANY_TIMEOUT_S = 60.0, 240.0  # less than a stream of the one and of the other lasts
LONGER_S = 300.0  # than all this takes
FILES_A_STREAM, FILES_BESIDE = 2, 100  # of a gateway's

Start = Callable[[int], AbstractContextManager[Server]]
Ask = Callable[[Server, str], Load]


def measure(plan: Plan) -> Iterator[Round]:
    taken = {}
    for name, start, ask in compared(plan):
        tell(f"  {name}: {plan.open_streams:,} open streams ...")
        taken[name] = a_thousand(start, ask, plan)
        if plan.held_streams and not name.endswith("run"):
            tell(f"  {name}: {plan.held_streams:,} streams held ...")
            taken[name] |= very_many(start, ask, plan)
    yield taken


def compared(plan: Plan) -> Iterator[tuple[str, Start, Ask]]:
    yield "relay", relay, ask_chat
    for prefix, checkout in plan.checkouts():
        yield f"{prefix}chat", partial(retinue, checkout=checkout), ask_chat
        yield f"{prefix}run", partial(retinue, checkout=checkout, synchronous="normal"), ask_run


def ask_chat(server: Server, model: str) -> Load:
    return chat_load(server.port, model)


def ask_run(server: Server, model: str) -> Load:
    return run_load(server.port, server.make_assistant(model))


def a_thousand(start: Start, ask: Ask, plan: Plan) -> Figures:
    with upstream() as port, start(port) as server:
        grown_mb, result = hold(server, ask(server, SLOW), plan.open_streams, plan, OPEN_TIMEOUT_S, SETTLE_S)
    return {"mb_per_1000_streams": grown_mb * 1000 / max(1, result.open)}


def very_many(start: Start, ask: Ask, plan: Plan) -> Figures:
    """Hold them for as long as each takes to have two more chunks."""
    most = (raise_file_limit() - FILES_BESIDE) // FILES_A_STREAM
    streams = min(plan.held_streams, most)
    if streams < plan.held_streams:
        tell(f"  The limit of open files, `ulimit -Hn`, leaves room for {streams:,} streams.")
    with upstream() as port, start(port) as server:
        grown_mb, result = hold(server, ask(server, SLOWEST), streams, plan, VERY_MANY_TIMEOUT_S, 2 * SLOWEST_S)
    return {
        "held": result.open,
        "held_percent": 100 * result.open / streams,
        "held_failed": result.failed,
        "held_mb": grown_mb,
        "held_silent_s": result.silent_ms / 1000,
    }


def hold(
    server: Server, load: Load, streams: int, plan: Plan, timeout_s: float, settle_s: float
) -> tuple[float, Result]:
    """Open streams one after the other, and let them be a while; return by how many MB the server has grown."""
    time.sleep(SETTLE_S)
    idle_mb = server.process.resident_mb()
    generator = start_load(load, callers=streams, measured_s=LONGER_S, ramp_s=plan.ramp_s * streams / 1000)
    if not wait_until_open(generator, timeout_s=timeout_s):
        tell(f"  not all of {streams:,} streams were open in {timeout_s:.0f} s")
    time.sleep(settle_s)
    grown_mb = server.process.resident_mb() - idle_mb
    generator.terminate()
    return grown_mb, reported(generator)
