"""Pages of messages: the first and one deep down, of a thread that is very long beside one that is short."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bench import imports
from bench.figures import Figures, Round
from bench.load import Load, apply
from bench.plan import Plan
from bench.process import Process
from bench.progress import tell
from bench.servers import Server, data_folder, retinue, upstream

SHORT = 100  # messages
CALLERS = 4
DEPTH = 0.7  # of the thread lies before the deep page


def measure(plan: Plan) -> Iterator[Round]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream())
        compared: dict[str, tuple[Process, Load]] = {}
        for prefix, checkout in plan.checkouts():
            data = stack.enter_context(data_folder())
            fill(data, checkout, plan.listed_messages)
            server = stack.enter_context(retinue(port, checkout=checkout, data=data))
            compared |= {f"{prefix}{name}": (server.process, load) for name, load in pages(server, plan)}
        for number in range(plan.rounds):
            tell(f"  round {number + 1} of {plan.rounds}")
            yield {name: cost(process, load, plan) for name, (process, load) in compared.items()}


def fill(data: Path, checkout: Path, messages: int) -> None:
    tell(f"  importing a thread of {messages:,} messages ...")
    imports.fill(data, checkout, [SHORT, messages], words=12)


def pages(server: Server, plan: Plan) -> Iterator[tuple[str, Load]]:
    for number, (name, length) in enumerate((("short", SHORT), ("long", plan.listed_messages))):
        first = f"/v1/threads/{imports.thread_id(number)}/messages?limit=20"
        deep = f"{first}&after={imports.message_id(number, round(length * (1 - DEPTH)))}"
        for place, path in (("first", first), ("deep", deep)):
            yield f"{name}, {place}", Load(port=server.port, paths=[path], final_mark='"has_more":true')


def cost(process: Process, load: Load, plan: Plan) -> Figures:
    before_s = process.cpu_seconds()
    many = apply(load, plan, callers=CALLERS)
    return {"cpu_us_per_page": (process.cpu_seconds() - before_s) * 1e6 / max(1, many.answers)}
