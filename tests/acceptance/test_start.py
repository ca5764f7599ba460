"""What the command says when it starts, and when it can't."""

import socket
from pathlib import Path

import pytest

from acceptance.crashing import Crashing
from acceptance.runs import thread_with
from acceptance.server import SCRIPT, Server

EXIT_TIMEOUT_S = 60


def refusal(server: Server) -> str:
    """What a server that must not start says, as one line."""
    process = server.spawn()
    said, _ = process.communicate(timeout=EXIT_TIMEOUT_S)
    assert process.returncode != 0, said
    assert "Traceback" not in said, said
    return " ".join(said.split())


def test_start_says_where_what_and_why(server: Server) -> None:
    assert server.address in server.output
    assert server.base_url in server.output
    assert str(server.data) in server.output
    assert "rehearsal" in server.output
    assert str(SCRIPT) in server.output
    assert "any bearer token" in server.output
    assert "curl" in server.output


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_open_address_is_refused(tmp_path: Path, host: str) -> None:
    assert host in refusal(Server(tmp_path / "data", environment={"RETINUE_HOST": host}))


def test_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    script = tmp_path / "nothing.yaml"
    assert str(script) in refusal(Server(tmp_path / "data", script=script))


def test_mistake_in_a_script_is_named(tmp_path: Path) -> None:
    script = tmp_path / "mistaken.yaml"
    script.write_text("rules:\n  - {match: hello, repyl: hi}\n")
    said = refusal(Server(tmp_path / "data", script=script))
    assert str(script) in said
    assert "repyl" in said


def test_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_text("not a folder")
    assert str(data) in refusal(Server(data))
    assert data.read_text() == "not a folder"


def test_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Server(tmp_path / "data")
        server.port = taken.getsockname()[1]
        assert str(server.port) in refusal(server)


def test_setting_that_can_not_be_meant_is_named(tmp_path: Path) -> None:
    said = refusal(Server(tmp_path / "data", environment={"RETINUE_RUN_EXPIRES_S": "soon"}))
    assert "RETINUE_RUN_EXPIRES_S" in said


def test_database_that_is_none_is_refused_and_left_alone(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        server.stop()
    (database,) = server.data.rglob("*.db")
    database.write_bytes(b"no database" * 1000)
    assert str(database) in refusal(server) or str(server.data) in refusal(server)
    assert database.read_bytes() == b"no database" * 1000


def test_second_server_on_the_folder_is_refused(crashing: Crashing) -> None:
    assert str(crashing.data) in refusal(Server(crashing.data))
    assert thread_with(crashing.wire, "still served")
