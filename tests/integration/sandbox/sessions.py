"""Sessions as tests drive them."""

import asyncio
import os
import signal
from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec import Struct

from retinue.sandbox.base import Drawn, Ended, Printed, Session


class Ran(Struct, frozen=True, kw_only=True):
    """All that came of a call."""

    text: str
    charts: list[bytes]
    error: str | None
    left_out: int


async def ran(session: Session, code: str) -> Ran:
    text, charts = "", []
    async for output in session.run(code):
        match output:
            case Printed(more):
                text += more
            case Drawn(png):
                charts.append(png)
            case Ended() as ended:
                last = ended
    return Ran(text=text, charts=charts, error=last.error, left_out=last.left_out)


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes below one, as this process sees them, but for those that are dead and not cleared away."""
    parents = dict(_parents())
    below = {pid}
    while more := {child for child, parent in parents.items() if parent in below} - below:
        below |= more
    yield from below - {pid}


async def killed(victims: Collection[int], *, taken_along: Collection[int] = ()) -> None:
    """Kill processes, and wait until they and those that end with them are dead."""
    for pid in victims:
        os.kill(pid, signal.SIGKILL)
    while {pid for pid, _ in _parents()} & {*victims, *taken_along}:
        await asyncio.sleep(0.005)


def _parents() -> Iterator[tuple[int, int]]:
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit():
            try:
                state = Path("/proc", name, "stat").read_text()
            except OSError:
                continue
            status, parent, *_ = state.rpartition(")")[2].split()
            if status != "Z":
                yield int(name), int(parent)
