"""What is measured, running: the mock upstream, the bare relay, Retinue. Each has the server's core to itself."""

import contextlib
import json
import os
import socket
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.build import BUILD, HERE
from bench.load import CHUNKS, SYSTEM
from bench.plan import ROOT
from bench.process import SERVER_CORE, TOOLS_CORE, Process

TOKEN = "sk-bench"
FOREIGN = ("OPENAI_", "RETINUE_", "AZURE_", "OPEN_API_KEY", "ASSISTANT_", "MAX_SESSION_TOKENS")
RETINUE = (sys.executable, "-m", "retinue")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server that answers."""

    process: Process
    port: int
    ready_s: float
    """From the command to its first answer."""

    def post(self, path: str, body: object) -> Any:
        """Ask it over HTTP as any client would."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def get(self, path: str) -> Any:
        """Ask it for something."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def make_assistant(self, model: str, **more: object) -> str:
        return str(self.post("/v1/assistants", {"model": model, "instructions": SYSTEM, **more})["id"])


@contextlib.contextmanager
def upstream() -> Iterator[int]:
    """Yield the port of a running model that costs next to nothing; see c/upstream.c."""
    port = free_port()
    command = [str(BUILD / "upstream"), str(port), str(CHUNKS)]
    with Process(command, core=TOOLS_CORE, log=BUILD / "upstream.log") as process:
        process.wait_until_answers(f"http://127.0.0.1:{port}/v1/models")
        yield port


@contextlib.contextmanager
def relay(upstream_port: int) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, str(HERE / "relay.py"), str(port), f"http://127.0.0.1:{upstream_port}"]
    with served("relay", command, port, os.environ) as server:
        yield server


@contextlib.contextmanager
def retinue(
    upstream_port: int,
    *,
    synchronous: str = "full",
    checkout: Path = ROOT,
    data: Path | None = None,
    config: Path | None = None,
    all_cores: bool = False,
) -> Iterator[Server]:
    """Yield a server over the upstream: with its defaults, but for how commits are synced; on one core, or on all."""
    port = free_port()
    with data_folder() as fresh:
        command = [*RETINUE, "serve", "--port", str(port), "--data", str(data or fresh)]
        command += ["--config", str(config or no_settings(fresh))]
        environment = own_environment(checkout) | {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{upstream_port}/v1",
            "OPENAI_API_KEY": TOKEN,
            "RETINUE_SYNCHRONOUS": synchronous,
        }
        with served("retinue", command, port, environment, core=None if all_cores else SERVER_CORE) as server:
            yield server


def no_settings(folder: Path) -> Path:
    """Return a file without settings, in place of one that whoever measures has for a server of theirs."""
    settings = folder / "retinue.toml"
    settings.touch()
    return settings


def own_environment(checkout: Path) -> dict[str, str]:
    """Return an environment for a checkout's code, without what whoever measures has set for a server of theirs."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
    return inherited | {"PYTHONPATH": str(checkout.resolve() / "src")}


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD, prefix="data-") as folder:
        yield Path(folder)


@contextlib.contextmanager
def served(
    name: str,
    command: Sequence[str],
    port: int,
    environment: Mapping[str, str],
    *,
    health: str = "/healthz",
    core: int | None = SERVER_CORE,
) -> Iterator[Server]:
    """Yield a server that is started by `command`, as soon as it answers."""
    log = BUILD / f"{name}-{port}.log"
    with Process(command, core=core, log=log, environment=environment) as process:
        ready_s = process.wait_until_answers(f"http://127.0.0.1:{port}{health}")
        yield Server(process=process, port=port, ready_s=ready_s)
    log.unlink()  # it stays where something went wrong


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
