"""What a chunk and a run cost beside a relay of the same bytes, so that a loss of speed is seen when it is made.

The figures are CPU time, as ratios to a relay that took turns with the server. That is steady where the clock is not:
on two busy cores the ratios of several attempts lie within a third of each other. `make bench` measures the rest.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ATTEMPTS = 3
ATTEMPT_TIMEOUT_S = 180

# Each about one and a half times what docs/performance.md has, which is more than noise makes of it.
CHUNK_HANDED_ON = 1.5
CHUNK_OF_A_RUN = 2.8
RUN = 5.5

Ratios = dict[str, dict[str, float]]


@pytest.mark.timeout(ATTEMPTS * ATTEMPT_TIMEOUT_S)
@pytest.mark.skipif(
    not (os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")),
    reason="The load tools need a C compiler: install gcc, or set CC.",
)
def test_chunk_and_run_cost_little_more_than_a_relay_of_their_bytes(tmp_path: Path) -> None:
    for _ in range(ATTEMPTS):
        ratios = measured(tmp_path / "cost.json")
        if not (found := losses(ratios)):
            return
    pytest.fail(f"CPU time beside a bare relay, in each of {ATTEMPTS} attempts: {'; '.join(found)}. See `make bench`.")


def measured(report: Path) -> Ratios:
    command = [sys.executable, "-m", "bench", "--only", "cost", "--json", str(report)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=ATTEMPT_TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr
    ratios: Ratios = json.loads(report.read_text())["scenarios"]["cost"]["ratios"]["relay"]
    return ratios


def losses(ratios: Ratios) -> list[str]:
    """Return what costs too much, in words."""
    held = (
        ("a chunk handed on", ratios["chat"]["cpu_us_per_chunk"], CHUNK_HANDED_ON),
        ("a chunk of a run", ratios["run"]["cpu_us_per_chunk"], CHUNK_OF_A_RUN),
        ("a run", ratios["run"]["cpu_us_per_stream"], RUN),
    )
    return [f"{what} takes {ratio:.1f} times as much, at most {most}" for what, ratio, most in held if ratio > most]
