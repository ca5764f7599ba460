"""The commands that import and export, and dumps as the official client makes them."""

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from openai import OpenAI
from openai.types.beta import Assistant, Thread
from openai.types.beta.threads import Message, Run

from acceptance.server import BARE, command
from acceptance.terminal import environment

Dumped = Assistant | Thread | Message | Run

TIMEOUT_S = 100


def retinue(*arguments: str, stdin: int | None = subprocess.DEVNULL) -> "subprocess.Popen[str]":
    """One of the commands, under way."""
    return subprocess.Popen(
        [*command(), *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=BARE,
        env=environment(),
    )


def outcome(*arguments: str) -> tuple[int, str]:
    """The exit code of a command, and what it printed."""
    process = retinue(*arguments)
    said, _ = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, said


def dump_of(client: OpenAI, assistants: Iterable[str], threads: Iterable[str]) -> list[Dumped]:
    """What people collect before they move: the objects, lists in the API's own order, the newest first."""
    found: list[Dumped] = [client.beta.assistants.retrieve(id_) for id_ in assistants]
    for id_ in threads:
        found.append(client.beta.threads.retrieve(id_))
        found += client.beta.threads.messages.list(id_, limit=100)
        found += client.beta.threads.runs.list(id_, limit=100)
    return found


WRITTEN: dict[str, Callable[[list[Dumped]], str]] = {
    "a JSON list": lambda values: json.dumps([value.model_dump() for value in values]),
    "JSON lines": lambda values: "\n".join(value.model_dump_json() for value in values),
    "printed over lines": lambda values: "\n".join(value.model_dump_json(indent=2) for value in values),
    "Python's print": lambda values: "\n".join(str(value.model_dump()) for value in values),
}
"""Ways to write a dump down."""


def lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text("utf-8").splitlines():
        yield json.loads(line)
