"""Whatever of a sandbox is killed at whatever moment: who waits is told, and nothing is left."""

import asyncio
import contextlib
import errno
import gc
import os
import random
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from retinue.sandbox.base import Limits, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox.sessions import descendants, ran

ROUNDS = 50
LONGEST_S = 30.0
"""For a wait, on a machine that is busy: what it asserts is that there is an end."""
LATEST_S = 0.03
"""After something was begun it is killed."""
SEED = 30


async def started() -> ForkServer:
    try:
        return await ForkServer.start(Limits(call_s=2.0), libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")


async def test_when_anything_is_killed_nobody_waits_for_ever_and_nothing_is_left() -> None:
    chance = random.Random(SEED)
    await (await started()).close()  # what is made once by whoever starts the first process
    gc.collect()
    before = held()
    for _ in range(ROUNDS):
        sandbox = await started()
        await killed_while_busy(sandbox, chance)
        processes = [sandbox.pid, *descendants(sandbox.pid)]
        await sandbox.close()
        await gone(processes)
    gc.collect()
    assert held() == before


async def test_where_no_more_files_can_be_opened_it_is_said_and_none_is_left_open() -> None:
    sandbox = await started()
    before = held()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("socketpair", "pipe", "open_connection"):
            patch.setattr({"socketpair": socket, "pipe": os, "open_connection": asyncio}[name], name, refused)
            with pytest.raises(SandboxFault, match="Too many open files"):
                await sandbox.open()
            patch.undo()
            assert held() == before
    assert (await ran(await sandbox.open(), "1 + 1")).text == "2\n"
    await sandbox.close()


def refused(*_: object, **__: object) -> object:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


async def killed_while_busy(sandbox: ForkServer, chance: random.Random) -> None:
    session, other = await sandbox.open(), await sandbox.open()
    asked: Sequence[Callable[[], Awaitable[object]]] = (
        sandbox.open,
        lambda: ran(session, "sum(range(300_000))"),
        lambda: session.write("large", bytes(4 << 20)),
        lambda: read_back(session),
        session.files,
    )
    busy = asyncio.ensure_future(chance.choice(asked)())
    await asyncio.sleep(chance.uniform(0, LATEST_S))
    victim = chance.choice([sandbox.pid, *descendants(sandbox.pid)])
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    for work in (busy, ran(session, "1 + 1"), ran(other, "1 + 1"), session.files(), sandbox.open()):
        async with asyncio.timeout(LONGEST_S):
            with contextlib.suppress(SandboxFault):
                await work


async def read_back(session: Session) -> None:
    await session.write("large", bytes(4 << 20))
    await session.read("large")


async def gone(processes: Sequence[int]) -> None:
    async with asyncio.timeout(LONGEST_S):
        while any(alive(pid) for pid in processes):
            await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def held() -> int:
    """Return how many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208
