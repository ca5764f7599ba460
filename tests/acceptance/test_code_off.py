"""A server that runs no code: what uses the tool fails with a sentence that helps, and all else works."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.coding import INTERPRETER, block
from acceptance.runs import ids, settled, thread_with
from acceptance.server import BARE, Server, command, environment_of
from acceptance.wire import ASSISTANTS, RUNS, STEPS, Wire

WHYS = {
    "off": "The code interpreter is switched off on this server (RETINUE_SANDBOX=off).",
    "remote": "Code can't be run on this server. remote: RETINUE_RUNNERS names none. Set RETINUE_RUNNERS to a machine",
}


@pytest.fixture(scope="module", params=WHYS)
def setting(request: pytest.FixtureRequest) -> str:
    """A sandbox that is switched off, and one that is demanded and is not there."""
    return str(request.param)


@pytest.fixture(scope="module")
def wire(setting: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp(setting) / "data"
    with Server(folder, environment={"RETINUE_SANDBOX": setting}) as server:
        yield Wire(server.port)


def run_of(wire: Wire, text: str) -> dict[str, Any]:
    assistant = wire.post(ASSISTANTS, {"model": "rehearsal", "tools": [INTERPRETER]})
    run = wire.post(RUNS, {"assistant_id": assistant["id"]}, thread_id=thread_with(wire, text))
    return settled(wire, run)


def test_a_run_that_uses_the_tool_fails_and_says_why_and_what_to_do(wire: Wire, setting: str) -> None:
    run = run_of(wire, block("1 + 1"))
    assert (run["status"], run["last_error"]["code"]) == ("failed", "server_error")
    assert run["last_error"]["message"].startswith(WHYS[setting])
    (step,) = wire.get(STEPS, **ids(run))["data"]
    assert step["step_details"]["tool_calls"][0]["code_interpreter"]["input"] == "1 + 1"


def test_a_run_that_does_not_use_the_tool_is_completed(wire: Wire) -> None:
    assert run_of(wire, "Hello!")["status"] == "completed"


@pytest.mark.parametrize(("sandbox", "code"), [("off", 0), ("remote", 1)])
def test_doctor_leaves_with_1_where_what_is_demanded_does_not_work(sandbox: str, code: int, tmp_path: Path) -> None:
    done = doctor(tmp_path, sandbox)
    assert done.returncode == code, done.stdout


@pytest.mark.usefixtures("sandbox")
def test_doctor_leaves_with_0_where_code_runs(tmp_path: Path) -> None:
    done = doctor(tmp_path, "auto")
    assert done.returncode == 0, done.stdout
    assert "code runs here" in " ".join(done.stdout.split())


def doctor(folder: Path, sandbox: str) -> "subprocess.CompletedProcess[str]":
    environment = environment_of({"RETINUE_SANDBOX": sandbox})
    called = [*command(), "doctor", "--data", str(folder / "data")]
    return subprocess.run(called, env=environment, cwd=BARE, capture_output=True, text=True)
