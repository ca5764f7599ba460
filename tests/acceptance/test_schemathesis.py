"""Generated requests, good and bad, over the document that the server gives of itself: every answer is as it says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.server import Server

HERE = Path(__file__).parent
SCRIPT = HERE / "rehearsal.yaml"
TIMEOUT_S = 600


@pytest.fixture
def fuzzed(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data", script=SCRIPT) as server:
        yield server
        assert server.stop() == 0, server.output


@pytest.mark.timeout(TIMEOUT_S)
def test_generated_requests_are_answered_as_the_document_says(fuzzed: Server, tmp_path: Path) -> None:
    """For many more requests: `-n 500 --seed 7` and without `deterministic`, by hand."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml")),
            *("run", f"{fuzzed.address}/openapi.json", "--header", "Authorization: Bearer any", "--no-color"),
        ],
        env=_environment(fuzzed.port),
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "request_failed" not in fuzzed.output, fuzzed.output
    assert " errored" not in done.stdout, done.stdout
    assert re.search(r"Selected: (\d+)/\1\s+Tested: \1\b", done.stdout), done.stdout


def _environment(port: int) -> dict[str, str]:
    """Ours, with what the hooks need: the tests' own modules, and where the server is."""
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path, "NO_PROXY": "127.0.0.1", "RETINUE_PORT": str(port)}
