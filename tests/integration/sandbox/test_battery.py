"""What hostile code tries: none of it gets out, and the session after it answers."""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from retinue.sandbox.base import Limits, SandboxFault
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.readable import readable
from sandbox.sessions import ran

SNIPPETS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("hostile.json").read_text())
LIMITS = Limits(call_s=10.0)


@pytest.fixture
async def sandbox(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ForkServer]:
    monkeypatch.setenv("HOSTSECRET", "sk-canary-" + bytes(x ^ 1 for x in b"INRURDBSDU").decode())
    try:
        server = await ForkServer.start(LIMITS, libraries=["numpy"], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")
    yield server
    await server.close()


@pytest.mark.parametrize("snippet", SNIPPETS, ids=[snippet["name"] for snippet in SNIPPETS])
async def test_hostile_code_does_not_get_out(sandbox: ForkServer, tmp_path: Path, snippet: dict[str, Any]) -> None:
    (tmp_path / "secret.txt").write_text("OTHER")
    code = snippet["code"].replace("{canary}", str(tmp_path)).replace("{base}", str(tmp_path))
    session = await sandbox.open()
    came_out = await ran(session, code)
    assert "ESCAPE" not in came_out.text
    assert (await ran(session, "6 * 7")).text.endswith("42\n")
    assert os.listdir(tmp_path) == ["secret.txt"]  # noqa: PTH208
