"""What a process that reads can't do any more once it has confined itself."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems know only some of the limits")

CONFINED = """
import socket, sys
from retinue.knowledge.reading.limits import confine
confine()
try:
    {attempt}
except (OSError, MemoryError) as fault:
    print(type(fault).__name__)
"""


def outcome(attempt: str, *arguments: str) -> str:
    """Return the name of the error that an attempt ends with; empty if it succeeds."""
    command = (sys.executable, "-c", CONFINED.format(attempt=attempt), *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_it_takes_no_more_memory_than_is_allowed() -> None:
    assert outcome("bytearray(300 << 20)") == ""
    assert outcome("bytearray(400 << 20)") == "MemoryError"


def test_it_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "written"
    assert outcome("open(sys.argv[1], 'wb', buffering=0).write(b'1')", str(path)) == "OSError"
    assert path.read_bytes() == b""


def test_it_reaches_no_network() -> None:
    if outcome("sys.exit() if socket.if_nameindex() != [(1, 'lo')] else print('alone')") != "alone":
        pytest.skip("this machine lets no process have a network of its own")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert outcome("socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)", port) == "OSError"
