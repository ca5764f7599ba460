"""Fifty sessions of which one takes all that it can get: the others and the server go on."""

import asyncio
import contextlib
import statistics
import textwrap
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from retinue.sandbox.base import Limits, Printed, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox.sessions import ran

OTHERS = 49
WORK = "sum(number * number for number in range(20_000))"
FLOOR_S = 0.25
"""What a machine that others use may take at any moment, whoever asks."""
TICK_S = 0.01
GREEDY = {
    "busy processes that leave their group": """
        import os
        for number in range(60):
            if number == 8:
                print("begun", flush=True)
            if os.fork() == 0:
                os.setsid()
                while True: pass
        while True: pass
    """,
    "busy threads": """
        import threading
        def spin():
            while True: pass
        for number in range(50):
            if number == 8:
                print("begun", flush=True)
            threading.Thread(target=spin, daemon=True).start()
        spin()
    """,
    "processes that come and go": """
        import os
        for _ in range(20):
            if os.fork() == 0:
                while True:
                    try:
                        if os.fork() == 0:
                            os._exit(0)
                        os.wait()
                    except OSError:
                        pass
        print("begun", flush=True)
        while True: pass
    """,
    "memory that is taken and given back": """
        import os
        for _ in range(20):
            if os.fork() == 0:
                while True:
                    bytearray(b"x") * (8 << 20)
        print("begun", flush=True)
        while True: pass
    """,
    "output that nobody can read": """
        import os
        for _ in range(8):
            os.fork()
        while True:
            os.write(1, b"begun" * 10_000)
    """,
    "charts without an end": """
        import os, stat, struct
        print("begun", flush=True)
        frame = struct.pack(">II", 15, 0) + b'{"did": "draw"}'
        while True:
            for number in range(3, 64):
                try:
                    if stat.S_ISSOCK(os.fstat(number).st_mode):
                        os.write(number, frame)
                except OSError:
                    pass
    """,
}


@pytest.mark.timeout(300)
async def test_others_answer_within_twice_their_usual_time_whatever_one_does() -> None:
    try:
        sandbox = await ForkServer.start(Limits(call_s=120.0), libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    try:
        others = [await sandbox.open() for _ in range(OTHERS)]
        usual = await answering_time(others)
        for what, code in GREEDY.items():
            async with greedy(sandbox, textwrap.dedent(code)), held_up() as longest_s:
                meanwhile = await answering_time(others)
            usual_after = await answering_time(others)
            assert meanwhile <= 2 * max(usual, usual_after) + FLOOR_S, what
            assert longest_s() <= 1.0, f"the server stood still: {what}"
            usual = usual_after
    finally:
        await sandbox.close()


async def answering_time(sessions: list[Session]) -> float:
    """Return the median of what calls take of which each session makes four, all sessions at once."""

    async def timed(session: Session) -> list[float]:
        return [await took(ran(session, WORK)) for _ in range(4)]

    return statistics.median(time for times in await asyncio.gather(*map(timed, sessions)) for time in times)


async def took(work: Coroutine[None, None, object]) -> float:
    began = time.monotonic()
    await work
    return time.monotonic() - began


@asynccontextmanager
async def greedy(sandbox: ForkServer, code: str) -> AsyncIterator[None]:
    """Have a session run code, again and again, while others do what they do."""
    session, begun = await sandbox.open(), asyncio.Event()

    async def go_on() -> None:
        with contextlib.suppress(SandboxFault):
            while True:
                async for output in session.run(code):
                    if isinstance(output, Printed):
                        begun.set()

    going_on = asyncio.create_task(go_on())
    await begun.wait()
    yield
    await session.close()
    await asyncio.wait([going_on])


@asynccontextmanager
async def held_up() -> AsyncIterator[Callable[[], float]]:
    """Measure the longest time for which the server did not get to do anything else, in seconds."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            longest = max(longest, await took(asyncio.sleep(TICK_S)) - TICK_S)

    ticking = asyncio.create_task(tick())
    yield lambda: longest
    ticking.cancel()
