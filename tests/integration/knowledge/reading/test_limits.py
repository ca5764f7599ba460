"""What a process that reads can't do any more once it has confined itself."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from retinue.knowledge.reading.process import ReadingProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems know only some of the limits")

CONFINED = """
import sys
from retinue.knowledge.reading.limits import confine
confine()
try:
    {attempt}
except (OSError, MemoryError) as fault:
    print(type(fault).__name__)
"""
OVER_UVLOOP = """
import os, uvloop
from retinue.knowledge.reading.process import ReadingProcess

async def main():
    process = await ReadingProcess.start(patience_s=60)
    files = f"/proc/{process.pid}/fd"
    print(*[os.readlink(f"{files}/{file}").partition(":")[0] for file in os.listdir(files)])
    await process.end()

uvloop.run(main())
"""
OWN_NETWORK = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x50000000))"


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


def test_it_has_none_of_the_servers_open_files() -> None:
    """As a server over uvloop starts it, which leaves a child more than it was told to."""
    pytest.importorskip("uvloop")
    server = subprocess.run((sys.executable, "-c", OVER_UVLOOP), capture_output=True, text=True, input="", check=True)
    assert set(server.stdout.split()) == {"/dev/null", "socket"}  # the server's own are pipes


def network_of(process: int | str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


@pytest.fixture
async def process(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ReadingProcess]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    process = await ReadingProcess.start(patience_s=60)
    yield process
    await process.end()


async def test_the_process_that_reads_has_a_network_of_its_own(process: ReadingProcess) -> None:
    if subprocess.run((sys.executable, "-c", OWN_NETWORK)).returncode != 0:
        pytest.skip("this machine lets no process have a network of its own")
    assert network_of(process.pid) != network_of("self")


async def test_the_process_that_reads_knows_no_key(process: ReadingProcess) -> None:
    variables = Path(f"/proc/{process.pid}/environ").read_bytes()
    assert b"PATH=" in variables
    assert b"sk-secret" not in variables
