"""`retinue sandbox serve`: it is killed, told to stop, and goes on when its fork server dies."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from retinue.sandbox.base import Ended, Printed, SandboxFault, Session, SessionLost
from sandbox.doors import RunnerProcess, runner_process, runners_at, until
from sandbox.sessions import descendants, ran

WAIT = "print('begun', flush=True)\nimport time\ntime.sleep(30)"


async def begun(session: Session) -> "asyncio.Task[None]":
    """Return a call that has begun, and waits."""
    outputs = session.run(WAIT)
    assert isinstance(outputs, AsyncGenerator)
    assert await anext(outputs) == Printed("begun\n")

    async def rest() -> None:
        async with contextlib.aclosing(outputs):
            async for _ in outputs:
                pass

    return asyncio.ensure_future(rest())


async def test_code_runs_and_its_runner_stops_when_told() -> None:
    async with runner_process() as runner, runners_at(runner.url) as runners:
        session = await runners.open()
        assert (await ran(session, "6 * 7")).text == "42\n"
        processes = [*descendants(runner.process.pid)]
        runner.process.send_signal(signal.SIGTERM)
        assert await runner.ended() == (0, "Stopped.\n")
        await until(lambda: not any(map(lives, processes)))
        with pytest.raises(SessionLost):
            await ran(session, "1")


async def test_a_runner_that_is_told_to_stop_lets_a_call_end() -> None:
    code = "print('begun', flush=True)\nimport time\ntime.sleep(0.5)\nprint('done')"
    async with runner_process() as runner, runners_at(runner.url) as runners:
        outputs = (await runners.open()).run(code)
        assert await anext(outputs) == Printed("begun\n")
        runner.process.send_signal(signal.SIGTERM)
        assert [output async for output in outputs] == [Printed("done\n"), Ended()]
        assert await runner.ended() == (0, "Stopped.\n")


async def test_a_runner_that_is_killed_amid_a_call_loses_its_session_and_another_takes_over() -> None:
    async with runner_process() as one, runner_process() as two, runners_at(one.url, two.url) as runners:
        sessions = [await runners.open(), await runners.open()]
        calls = [await begun(session) for session in sessions]
        processes = [*descendants(one.process.pid)]
        one.kill()
        with pytest.raises(SessionLost, match=one.url):
            await calls[0]
        await until(lambda: not any(map(lives, processes)))
        await sessions[0].close()
        again = await runners.open()
        assert (await ran(again, "6 * 7")).text == "42\n"
        calls[1].cancel()


async def test_a_runner_that_is_killed_between_calls_loses_its_session() -> None:
    async with runner_process() as runner, runners_at(runner.url) as runners:
        session = await runners.open()
        await session.write("kept.txt", b"1")
        runner.kill()
        await runner.ended()
        with pytest.raises(SessionLost, match=runner.url):
            await session.read("kept.txt")
        with pytest.raises(SandboxFault, match=runner.url):
            await runners.open()


async def test_a_runner_that_is_frozen_amid_a_call_loses_its_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retinue.sandbox.remote.session.SILENCE_S", 1.0)
    async with runner_process() as runner, runners_at(runner.url) as runners:
        call = await begun(await runners.open())
        runner.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(SessionLost, match="in time"):
                await call
        finally:
            runner.process.send_signal(signal.SIGCONT)


async def test_a_runner_whose_fork_server_dies_starts_another() -> None:
    async with runner_process() as runner, runners_at(runner.url) as runners:
        session = await runners.open()
        os.kill(child_of(runner), signal.SIGKILL)
        with pytest.raises(SessionLost):
            await ran(session, "1")
        assert (await ran(await runners.open(), "6 * 7")).text == "42\n"


@pytest.mark.parametrize("key", [None, "short", "with spaces in between"])
async def test_without_a_key_it_does_not_start(key: str | None, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "RETINUE_RUNNER_KEY"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "retinue", "sandbox", "serve", "--port", "0"),
        env=environment if key is None else {**environment, "RETINUE_RUNNER_KEY": key},
        cwd=tmp_path,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    assert process.returncode == 2
    assert b"Set RETINUE_RUNNER_KEY for both" in said


def child_of(runner: RunnerProcess) -> int:
    children = Path(f"/proc/{runner.process.pid}/task/{runner.process.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
