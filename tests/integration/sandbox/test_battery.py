"""What hostile code tries: none of it gets out, and the session after it answers."""

import asyncio
import contextlib
import json
import os
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from retinue.sandbox.base import Limits, SessionLost
from retinue.sandbox.fork_server import ForkServer
from sandbox import hostile
from sandbox.houses import HOUSES
from sandbox.sessions import descendants, ran

TRIED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("hostile.json").read_text())
SNIPPETS = {tried["name"]: tried["code"] for tried in TRIED} | hostile.SNIPPETS
LIMITS = Limits(call_s=5.0)


@pytest.fixture(params=HOUSES, ids=str)
async def sandbox(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ForkServer]:
    monkeypatch.setenv("HOSTSECRET", "sk-canary-" + bytes(x ^ 1 for x in b"INRURDBSDU").decode())
    async with request.param.sandbox(LIMITS, tmp_path_factory.mktemp("house")) as server:
        yield server


@pytest.mark.parametrize("name", SNIPPETS)
async def test_hostile_code_does_not_get_out(sandbox: ForkServer, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("OTHER")
    code = textwrap.dedent(SNIPPETS[name]).replace("{canary}", str(tmp_path)).replace("{base}", str(tmp_path))
    other, before = await sandbox.open(), set(descendants(sandbox.pid))
    session = await sandbox.open()
    with contextlib.suppress(SessionLost):
        assert "ESCAPE" not in (await ran(session, code)).text
        await ran(session, "1 + 1")
        await session.files()
    await session.close()
    assert (await ran(other, "6 * 7")).text == "42\n"
    assert os.listdir(tmp_path) == ["secret.txt"]  # noqa: PTH208
    await gone(sandbox, before)


async def gone(sandbox: ForkServer, before: set[int]) -> None:
    """Wait until nothing of a session is alive: the system needs a moment to end what was killed."""
    while set(descendants(sandbox.pid)) - before:
        await asyncio.sleep(0.01)
