"""Whatever dies while code runs, its run goes on, what it made is stored once, and nothing of the sandbox is left."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.amid import NAME, begun, give_way, logs_of, written
from acceptance.crashing import expect_sound
from acceptance.process_tree import lives, named, tree, until
from acceptance.runs import settled
from acceptance.server import Server
from acceptance.wire import Wire

pytestmark = pytest.mark.usefixtures("sandbox")


@pytest.fixture(scope="module")
def temporary() -> Iterator[Path]:
    """Where the server and its sandbox put what is not kept; all users of sessions can get there."""
    folder = Path(tempfile.mkdtemp(prefix="amid-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def served(temporary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"RETINUE_SANDBOX": "auto", "RETINUE_DRAIN_S": "0.5", "TMPDIR": str(temporary)}
    with Server(tmp_path_factory.mktemp("crash") / "data", environment=settings) as server:
        yield server
    expect_sound(server.data)


@pytest.fixture
def server(served: Server) -> Server:
    """The server, which a test before may have had dead."""
    if not served.running:
        served.start()
    return served


def test_a_fork_server_that_is_killed_amid_a_call_takes_no_run_along(server: Server) -> None:
    run = begun(server)
    os.kill(fork_server_of(server), signal.SIGKILL)
    ended = settled(Wire(server.port), run)
    assert ended["status"] == "completed", ended["last_error"]
    assert logs_of(server, run).startswith("begun\nThe session broke down, and Python was started anew")
    until(lambda: not named(NAME, server.pid), "for the session to be gone")


def test_a_worker_that_is_killed_amid_a_call_takes_no_run_along(server: Server) -> None:
    run = begun(server)
    (worker,) = named(NAME, server.pid)
    os.kill(worker, signal.SIGKILL)
    ended = settled(Wire(server.port), run)
    assert ended["status"] == "completed", ended["last_error"]
    assert logs_of(server, run).startswith("begun\n")
    assert "done" not in logs_of(server, run)


def test_a_server_that_is_killed_amid_a_call_runs_it_again_and_stores_once_what_it_made(
    server: Server, temporary: Path
) -> None:
    before = written(server)
    run = begun(server)
    give_way(server, run)
    processes = [*tree(server.pid)]
    server.kill()
    until(lambda: not any(map(lives, processes)), f"for {processes} to end")
    until(lambda: not [*temporary.iterdir()], "for the sandbox to clear away")
    expect_sound(server.data)
    server.start()
    expect_made_once(server, run, before)


def test_a_server_that_is_stopped_amid_a_call_runs_it_again_at_its_next_start(server: Server, temporary: Path) -> None:
    before = written(server)
    run = begun(server)
    give_way(server, run)
    processes = [*tree(server.pid)]
    assert server.stop() == 0, server.output
    assert [pid for pid in processes if lives(pid)] == []
    assert [*temporary.iterdir()] == []
    server.start()
    expect_made_once(server, run, before)


def expect_made_once(server: Server, run: dict[str, Any], before: list[str]) -> None:
    """Check that the run, taken up again, made a chart and a file, each once, and told so."""
    wire = Wire(server.port)
    ended = settled(wire, run)
    assert ended["status"] == "completed", ended["last_error"]
    assert logs_of(server, run) == "begun\ndone\n"
    (execution,) = wire.send("GET", f"/v1/retinue/runs/{run['id']}/executions").body["data"]
    assert (execution["outcome"], execution["attempts"]) == ("done", 2)
    more = written(server)
    for name in before:
        more.remove(name)
    assert len(more) == 2, more
    assert {Path(name).suffix for name in more} == {".txt", ".png"}


def fork_server_of(server: Server) -> int:
    """Return the child of the server's that the session descends from."""
    (worker,) = named(NAME, server.pid)
    children = Path(f"/proc/{server.pid}/task").glob("*/children")
    found = [int(pid) for each in children for pid in each.read_text().split()]
    return next(pid for pid in found if worker in tree(pid))
