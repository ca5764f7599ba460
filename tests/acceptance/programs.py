"""Programs as users wrote them: which each client runs, on which server, and what came of it."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from acceptance import sdks
from acceptance.sdks import Client
from acceptance.server import Server

CLIENTS = Path(__file__).parent / "clients"
TIMEOUT_S = 100
SKIP = "skipped: "
"""What a line begins with that a program prints for a part which its SDK has no method for."""

Place = Literal["scripted", "hasty", "relaying", "equipped"]
"""A server with the rehearsal model's script; one whose runs live for one second; one with a provider behind it; one
with functions of its own."""

PLACES: dict[str, Place] = {"expiry": "hasty", "moderations": "relaying", "served": "equipped"}
"""Where a program runs that isn't for the scripted server."""

CODING = "code_interpreter"
"""The programs that have code run, so that their server needs a sandbox."""

_KEPT_OUT = ("OPENAI_", "AZURE_", "PYTHON", "NODE_")


@dataclass(frozen=True)
class Program:
    """One file under `clients/`."""

    source: Path

    def __str__(self) -> str:
        return f"{self.source.parent.name}/{self.source.stem}"

    @property
    def place(self) -> Place:
        return PLACES.get(self.source.stem, "scripted")

    @property
    def runs_code(self) -> bool:
        return self.source.stem == CODING


class ProgramFailed(Exception):
    """It left with an exit code other than 0, or not at all; says what it had printed."""


def programs_of(client: Client) -> list[Program]:
    """What the client runs, in order."""
    ending = "*.py" if client.kind == "python" else "*.mjs"
    sources = [source for folder in client.folders for source in sorted((CLIENTS / folder).glob(ending))]
    return [Program(source) for source in sources if source.stem not in client.without]


def run_program(client: Client, source: Path, server: Server, *arguments: str) -> list[str]:
    """Run the file with the client against the server; return the lines that it prints.

    Raises ProgramFailed, and what `sdks.interpreter` raises.
    """
    runtime = sdks.interpreter(client)
    if client.kind == "python":
        return _run([str(runtime), "-W", "ignore", str(source), *arguments], client, server)
    with tempfile.TemporaryDirectory(dir=client.environment) as beside:  # node looks for packages from the file upwards
        return _run([str(runtime), shutil.copy(source, beside), *arguments], client, server)


def _run(command: list[str], client: Client, server: Server) -> list[str]:
    try:
        done = subprocess.run(
            command,
            env=_environment(client, server),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        raise ProgramFailed(f"{command[1:]} took more than {TIMEOUT_S} s:\n{expired.stdout!r}") from expired
    if done.returncode != 0:
        raise ProgramFailed(f"{client.name}: {command[-1]} exited with {done.returncode}:\n{done.stdout[-6000:]}")
    return done.stdout.splitlines()


def _environment(client: Client, server: Server) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(_KEPT_OUT)}
    if client.azure:
        ours = {"AZURE_OPENAI_ENDPOINT": server.address, "AZURE_OPENAI_API_KEY": "azure-anything"}
    else:
        ours = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "sk-anything"}
    return {**inherited, "PYTHONUTF8": "1", **ours}
