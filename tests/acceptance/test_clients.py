"""Programs as users wrote them, run by each generation of the official clients against a running server.

`expiry` programs meet the server whose runs live for one second.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from acceptance import sdks
from acceptance.server import Server

CLIENTS = Path(__file__).parent / "clients"
PYTHON_PROGRAMS = sorted(path.stem for path in (CLIENTS / "python").glob("*.py"))
NODE_PROGRAMS = sorted(path.stem for path in (CLIENTS / "node").glob("*.mjs"))
PROGRAM_TIMEOUT_S = 100

# The first test of each client makes its environment, which downloads.
pytestmark = pytest.mark.timeout(sdks.INSTALL_TIMEOUT_S + PROGRAM_TIMEOUT_S)


def chosen(program: str, server: Server, hasty: Server) -> Server:
    return hasty if program == "expiry" else server


@pytest.mark.parametrize("program", PYTHON_PROGRAMS)
@pytest.mark.parametrize("version", sdks.PYTHON_VERSIONS)
def test_python_program_runs_unchanged(version: str, program: str, server: Server, hasty_server: Server) -> None:
    interpreter = sdks.python_with_openai(version)
    source = CLIENTS / "python" / f"{program}.py"
    run_program([str(interpreter), "-W", "ignore", str(source)], chosen(program, server, hasty_server))


@pytest.mark.parametrize("program", NODE_PROGRAMS)
def test_node_program_runs_unchanged(program: str, server: Server, hasty_server: Server) -> None:
    folder = sdks.node_with_openai()
    if folder is None:
        pytest.skip("node and npm are not on this machine; the programs in clients/node need them")
    with tempfile.TemporaryDirectory(dir=folder) as beside:  # node looks for packages from the file upwards
        source = shutil.copy(CLIENTS / "node" / f"{program}.mjs", beside)
        run_program(["node", source], chosen(program, server, hasty_server))


def run_program(command: list[str], server: Server) -> None:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("OPENAI_", "PYTHON"))},
        "OPENAI_BASE_URL": server.base_url,
        "OPENAI_API_KEY": "sk-anything",
    }
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PROGRAM_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"{command[-1]} exited with {done.returncode}:\n{done.stdout[-6000:]}", pytrace=False)
