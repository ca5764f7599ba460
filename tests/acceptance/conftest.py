import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from acceptance.crashing import Crashing, expect_sound
from acceptance.matrix import Matrix
from acceptance.programs import Program
from acceptance.runs import WEATHER, told
from acceptance.sdks import Client
from acceptance.server import BARE, SCRIPT, Server, command
from acceptance.wire import ASSISTANTS, THREADS, Wire


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that all tests share which neither kill it nor count what it holds."""
    with Server(tmp_path_factory.mktemp("shared") / "data", script=SCRIPT) as shared:
        yield shared


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The back end that runs code on this machine; tests are skipped where there is none."""
    data = str(tmp_path_factory.mktemp("doctor"))
    asked = subprocess.run([*command(), "doctor", "--json", "--data", data], capture_output=True, text=True, cwd=BARE)
    findings = [each["text"] for each in json.loads(asked.stdout)["findings"] if each["about"] == "Interpreter"]
    runs: str | None = next((text for text in findings if "code runs here" in text), None)
    if runs is None:
        pytest.skip(f"no sandbox holds here: {findings}")
    return runs.partition(":")[0]


@pytest.fixture(scope="session")
def hasty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose runs live for one second."""
    folder = tmp_path_factory.mktemp("hasty") / "data"
    with Server(folder, script=SCRIPT, environment={"RETINUE_RUN_EXPIRES_S": "1"}) as hasty:
        yield hasty


@pytest.fixture(scope="session")
def matrix(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    """The programs of the tests that were chosen, all of them begun when the first test asks."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    of_programs = [item.callspec.params for item in items if item.originalname == "test_program_runs_unchanged"]
    chosen = [cast(tuple[Client, Program], (params["client"], params["program"])) for params in of_programs]
    with Matrix(chosen, tmp_path_factory.mktemp("matrix")) as begun:
        yield begun


@pytest.fixture
def wire(server: Server) -> Wire:
    return Wire(server.port)


@pytest.fixture(scope="session")
def assistant_id(server: Server) -> str:
    """An assistant with one function and no instructions."""
    made: dict[str, str] = Wire(server.port).post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})
    return made["id"]


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[Crashing]:
    with Crashing(tmp_path) as server:
        yield server
        if server.running:
            assert server.stop() == 0, server.output
    expect_sound(server.data)


@pytest.fixture(scope="session")
def place(server: Server) -> dict[str, str]:
    """Ids that exist: an assistant, a thread with a message and a finished run with a step."""
    wire = Wire(server.port)
    assistant = wire.post(ASSISTANTS, {"model": "gpt-4o", "instructions": "Hi.", "tools": [WEATHER]})
    thread = wire.post(THREADS, {"messages": [{"role": "user", "content": "say hello"}]})
    story = told(wire, thread["id"], assistant["id"])
    return {
        "assistant_id": assistant["id"],
        "thread_id": thread["id"],
        "message_id": story.messages[0]["id"],
        "run_id": story.run["id"],
        "step_id": story.steps[0]["id"],
    }


@pytest.fixture
def upload(wire: Wire) -> Callable[[str], str]:
    """Makes a file of a name and returns its id."""
    return lambda name: str(wire.upload(name.encode(), name)["id"])
