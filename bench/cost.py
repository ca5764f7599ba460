"""CPU time of a chunk and of a run as ratios to the relay's, in half a minute: what a test holds to a bound.

CPU time is steady where other work takes turns on the same cores; the clock is not, so nothing of it is here.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import replace

from bench import targets
from bench.figures import Round
from bench.load import chat_load
from bench.plan import Plan
from bench.servers import relay, retinue, upstream

PACED = "bench-5000"  # a delta every 5 ms: a stream takes a third of a second
CALLERS = 25  # as many chunks a second as 100 streams of one every 20 ms
ROUNDS = 3
SLICE_S = 0.8


def measure(plan: Plan) -> Iterator[Round]:
    plan = replace(plan, rounds=ROUNDS, slice_s=SLICE_S, paced_slice_s=SLICE_S, warm_up_s=0)
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream())
        relayed = stack.enter_context(relay(port))
        server = stack.enter_context(retinue(port, synchronous="normal"))
        chats = (targets.chats("relay", relayed), targets.chats("chat", server))
        paced = [
            replace(target, paced=chat_load(s.port, PACED)) for target, s in zip(chats, (relayed, server), strict=True)
        ]
        compared = [
            replace(target, paced_callers=CALLERS) for target in (*paced, targets.runs("run", server, paced=PACED))
        ]
        yield from targets.rounds_of(compared, (targets.streams, targets.chunks), plan)
