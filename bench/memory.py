"""What open streams keep in memory, and whether ten thousand of them are held at once and served."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from bench.build import raise_file_limit
from bench.figures import Figures, Round
from bench.load import SLOW, Load, Result, chat_load, finished, start_load
from bench.plan import Plan
from bench.progress import tell
from bench.servers import Server, relay, retinue, upstream
from bench.targets import run_load

SETTLE_S = 1.0
SLOWEST, SLOWEST_S = "bench-5000000", 5.0  # for very many: a delta every 5 s
LONGER_S = 300.0  # than all this takes

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
        load = ask(server, SLOW)
        grown_mb, result = hold(server, load, plan.open_streams, plan.ramp_s, SETTLE_S)
    return {"mb_per_1000_streams": grown_mb * 1000 / max(1, result.open)}


def very_many(start: Start, ask: Ask, plan: Plan) -> Figures:
    """Hold them until each must have had two more chunks."""
    streams = min(plan.held_streams, (raise_file_limit() - 200) // 2)
    with upstream() as port, start(port) as server:
        load = ask(server, SLOWEST)
        ramp_s = plan.ramp_s * streams / 1000
        grown_mb, result = hold(server, load, streams, ramp_s, 2 * SLOWEST_S)
    return {"held": result.open, "held_mb": grown_mb, "held_silent_s": result.silent_ms / 1000}


def hold(server: Server, load: Load, streams: int, ramp_s: float, settle_s: float) -> tuple[float, Result]:
    """Open streams one after the other and let them be; return how many MB the server has grown by, and the report."""
    time.sleep(SETTLE_S)
    idle_mb = server.process.resident_mb()
    generator = start_load(load, callers=streams, measured_s=LONGER_S, ramp_s=ramp_s)
    time.sleep(ramp_s + settle_s)
    grown_mb = server.process.resident_mb() - idle_mb
    generator.terminate()
    result = finished(generator)
    if result.open < streams:
        tell(f"  {result.open:,} of {streams:,} streams were open in time")
    return grown_mb, result
