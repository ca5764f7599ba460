"""Runs of four turns: three call a function that the server runs, the fourth is the text."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from bench import targets
from bench.figures import Round, with_added
from bench.load import FAST
from bench.plan import Plan
from bench.servers import Server, data_folder, relay, retinue, upstream
from bench.targets import Target

MODEL = f"{FAST}-3"  # calls a function in its first three turns, see c/upstream.c
FUNCTION = "look_up"
MODULE = '''\
from retinue.tools import tool


@tool(idempotent=True)
async def look_up(word: str) -> str:
    """Look up a word."""
    return f"{word}: the time that something takes"
'''
SETTINGS = """\
[tools]
modules = ["functions.py"]

[[tools.expose]]
functions = ["*"]
projects = ["default"]
"""


def measure(plan: Plan) -> Iterator[Round]:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(upstream())
        compared = [targets.direct(port), targets.chats("relay", stack.enter_context(relay(port)))]
        config = write_settings(stack.enter_context(data_folder()))
        for prefix, checkout in plan.checkouts():
            server = stack.enter_context(retinue(port, checkout=checkout, synchronous="normal", config=config))
            compared.append(tool_runs(f"{prefix}tools", server))
        yield from map(with_added, targets.rounds_of(compared, (targets.first_delta, targets.streams), plan))


def write_settings(folder: Path) -> Path:
    """Write settings that expose a function to everybody; return their file."""
    (folder / "functions.py").write_text(MODULE, encoding="utf-8")
    settings = folder / "retinue.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    return settings


def tool_runs(name: str, server: Server) -> Target:
    assistant = server.make_assistant(MODEL, tools=[{"type": "function", "function": {"name": FUNCTION}}])
    return Target(name=name, fast=targets.run_load(server.port, assistant), process=server.process)
