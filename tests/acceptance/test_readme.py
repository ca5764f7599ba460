"""What the README shows works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from acceptance.server import BARE, Server
from retinue.models.rehearsal import load_script

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
DEFAULT_ADDRESS = "http://127.0.0.1:4747"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_readme_example_answers(server: Server, tmp_path: Path) -> None:
    (example,) = blocks("python")
    program = tmp_path / "example.py"
    program.write_text(example.replace(DEFAULT_ADDRESS, server.address), "utf-8")
    command = [sys.executable, "-W", "ignore", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "84" in done.stdout
    assert "completed" in done.stdout


def test_readme_script_is_one_that_the_server_takes(tmp_path: Path) -> None:
    (script,) = blocks("yaml")
    file = tmp_path / "weather.yaml"
    file.write_text(script, "utf-8")
    assert len(load_script(file).rules) == 3


def test_demo_plays_to_its_end() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "retinue", "demo"], cwd=BARE, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "get_current_temperature + get_rain_probability" in done.stdout
    assert "tokens" in done.stdout
    assert "$0.000000" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["serve", "--help"], ["backup", "--help"], ["config", "--help"], ["version"]]
)
def test_command_line_explains_itself(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "retinue", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert "etinue" in done.stdout


def test_address_that_others_can_reach_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "retinue", "serve", "--host", "0.0.0.0", "--data", str(tmp_path / "data")],
        cwd=BARE,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "0.0.0.0 can be reached from other machines" in done.stderr
