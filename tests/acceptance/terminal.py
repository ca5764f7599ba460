"""The real `retinue` command, run to its end."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from acceptance.server import BARE, FOREIGN

TIMEOUT_S = 60


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "retinue", *arguments]


def environment() -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
    return {**inherited, "XDG_CONFIG_HOME": str(BARE)}


def retinue(*arguments: str, code: int = 0) -> str:
    """Run the command, which must end with this exit code; what it printed, or on failure what it complained of."""
    done = subprocess.run(
        command(*arguments),
        cwd=BARE,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr if code else done.stdout


def make_key(data: Path, *arguments: str) -> str:
    """Make a key; its text."""
    return retinue("keys", "create", *arguments, "--quiet", "--data", str(data)).strip()


def list_keys(data: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(retinue("keys", "list", "--json", "--data", str(data)))
    return listed


def revoke_key(data: Path, key: str) -> str:
    return retinue("keys", "revoke", key, "--data", str(data))
