from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.server import Server
from acceptance.wire import Wire

SCRIPT = Path(__file__).parent / "rehearsal.yaml"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that all tests share which neither kill it nor count what it holds."""
    with Server(tmp_path_factory.mktemp("shared") / "data", script=SCRIPT) as shared:
        yield shared


@pytest.fixture(scope="session")
def hasty_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose runs live for one second."""
    folder = tmp_path_factory.mktemp("hasty") / "data"
    with Server(folder, script=SCRIPT, environment={"RETINUE_RUN_EXPIRES_S": "1"}) as hasty:
        yield hasty


@pytest.fixture
def wire(server: Server) -> Wire:
    return Wire(server.port)
