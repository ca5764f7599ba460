"""The self-test: a sandbox passes it, and a Python that is no sandbox fails it in every point."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retinue.sandbox.base import Ended, Kept, Limits, Output, Printed, SandboxFault, Session
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from retinue.sandbox.self_test import hold
from retinue.sandbox.trials import KILL, TRIALS

LIMITS = Limits(memory_bytes=256 << 20, disk_bytes=16 << 20, processes=8)


class Open:
    """Runs code with nothing around it: files are where they say, but for /mnt/data."""

    def __init__(self, folder: Path, *, runs: bool = True) -> None:
        self._folder, self._runs = folder, runs

    async def open(self) -> Session:
        return self

    async def run(self, code: str) -> AsyncIterator[Output]:
        code = code.replace("/mnt/data", str(self._folder))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code if self._runs else "print(3)", stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
        yield Printed(out.decode())
        yield Ended()

    async def write(self, path: str, content: bytes, *, more: bool = False) -> None:
        (self._folder / path).write_bytes(content)

    async def read(self, path: str) -> bytes:
        return (self._folder / path).read_bytes()

    async def remove(self, path: str) -> None:
        (self._folder / path).unlink()

    async def files(self) -> list[Kept]:
        return []

    async def close(self) -> None:
        pass


class Shut(Open):
    """Opens no session."""

    async def open(self) -> Session:
        raise SandboxFault("No session can be opened: no.")


async def test_a_sandbox_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETINUE_RUNNER_KEY", "a-long-secret")
    try:
        server = await ForkServer.start(LIMITS, libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    try:
        assert await hold(server, limits=LIMITS, hidden=[tmp_path]) == []
    finally:
        await server.close()


async def test_a_sandbox_holds_where_the_servers_files_are_for_its_user_alone() -> None:
    """As `retinue serve` has it."""
    before = os.umask(0o077)
    try:
        server = await ForkServer.start(LIMITS, libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    finally:
        os.umask(before)
    try:
        assert await hold(server, limits=LIMITS) == []
    finally:
        await server.close()


async def test_what_is_no_sandbox_fails_in_every_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETINUE_RUNNER_KEY", "a-long-secret")
    breaches = await hold(Open(tmp_path), limits=LIMITS, hidden=[tmp_path])
    points = {trial.breach for trial in TRIALS}
    assert {point for point in points if any(breach.startswith(point) for breach in breaches)} == points
    assert KILL.breach in breaches


async def test_code_that_does_not_run_is_said(tmp_path: Path) -> None:
    assert await hold(Open(tmp_path, runs=False), limits=LIMITS) == ["code does not run as it should: 3"]


async def test_a_sandbox_that_opens_no_session_is_said(tmp_path: Path) -> None:
    assert await hold(Shut(tmp_path), limits=LIMITS) == ["No session can be opened: no."]


async def test_a_folder_that_code_can_list_is_said(tmp_path: Path) -> None:
    """As of a server whose data folder lies among its libraries."""
    (tmp_path / "lib").mkdir(mode=0o755)
    tmp_path.chmod(0o755)
    try:
        server = await ForkServer.start(LIMITS, libraries=[], readable=[*readable(), str(tmp_path)])
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    try:
        (breach,) = await hold(server, limits=LIMITS, hidden=[tmp_path / "lib"])
    finally:
        await server.close()
    assert breach == f"folders of this machine can be listed (listed {tmp_path / 'lib'})"
