"""Whole runs, stored and streamed, as commits are synced or not; and in threads that are long already."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bench import imports, targets
from bench.figures import Round, with_added
from bench.load import FAST, QUESTION, chat_load
from bench.plan import Plan
from bench.progress import tell
from bench.servers import Server, data_folder, relay, retinue, upstream
from bench.targets import Target

LAST_MESSAGES = 20


def measure(plan: Plan) -> Iterator[Round]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream())
        relayed = stack.enter_context(relay(port))
        compared = [targets.direct(port), targets.chats("relay", relayed), long_chats(relayed, plan)]
        for prefix, checkout in plan.checkouts():
            for synchronous in ("normal", "full"):
                server = stack.enter_context(retinue(port, checkout=checkout, synchronous=synchronous))
                compared.append(targets.runs(f"{prefix}{synchronous}", server))
            data = stack.enter_context(data_folder())
            fill(data, checkout, threads=plan.long_threads, messages=plan.long_messages)
            server = stack.enter_context(retinue(port, checkout=checkout, synchronous="normal", data=data))
            compared += long_threads(prefix, server, plan)
        measures = (targets.first_delta, targets.streams, targets.chunks)
        yield from map(with_added, targets.rounds_of(compared, measures, plan))


def fill(data: Path, checkout: Path, *, threads: int, messages: int) -> None:
    """Import threads of short messages."""
    tell(f"  importing {threads} threads of {messages:,} messages ...")
    imports.fill(data, checkout, [messages] * threads, words=12)


def long_chats(relayed: Server, plan: Plan) -> Target:
    """Return what a relay has to do with requests that hold all of a long thread."""
    load = chat_load(relayed.port, FAST, messages=plan.long_messages)
    return Target(name="relay, long", fast=load, process=relayed.process, callers=plan.long_threads)


def long_threads(prefix: str, server: Server, plan: Plan) -> Iterator[Target]:
    """Yield runs on long threads, one a caller: with all of the thread shown to the model, and with its end."""
    paths = [f"/v1/threads/{imports.thread_id(number)}/runs" for number in range(plan.long_threads)]
    body: dict[str, object] = {"assistant_id": server.make_assistant(FAST), "additional_messages": [QUESTION]}
    last = {"truncation_strategy": {"type": "last_messages", "last_messages": LAST_MESSAGES}}
    for name, more in (("long", {}), (f"long, last {LAST_MESSAGES}", last)):
        load = targets.stream_load(server.port, paths, body | more)
        yield Target(name=f"{prefix}{name}", fast=load, process=server.process, callers=plan.long_threads)
