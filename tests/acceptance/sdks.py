"""The official clients, unmodified: which there are, and the environment of each, which is made once and kept."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venvs"
INSTALL_TIMEOUT_S = 540
WINDOWS = sys.platform == "win32"


class ClientMissing(Exception):
    """This machine can't hold the client; says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """One column of the matrix: a package in one version, and the programs that it runs."""

    name: str
    kind: Literal["python", "node"]
    version: str
    """Of the package `openai`: an exact one, or npm's tag `latest`."""
    generation: Literal["v1", "v2"]
    """Of the Assistants API: what the package sends as `OpenAI-Beta`."""
    folders: tuple[str, ...]
    """Whose programs it runs, under `clients/`."""
    needs: tuple[str, ...] = ()
    """What must be installed with it."""
    azure: bool = False
    """Whether its programs use `AzureOpenAI`."""
    without: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Programs that it can't run, and why."""

    def __str__(self) -> str:
        return self.name

    @property
    def environment(self) -> Path:
        """The folder that holds the package; columns that differ in their programs alone share it."""
        runtime = f"py{sys.version_info.major}.{sys.version_info.minor}" if self.kind == "python" else "node"
        return ENVIRONMENTS / f"openai-{self.version}-{runtime}"


OLD_HTTPX = "httpx<0.28"
"""Old packages hand `proxies` to httpx, which 0.28 no longer takes."""
OWN_NODE = "node@22"
"""The package that brings a Node of its own: npm's latest `openai` wants 22 or newer."""

MATRIX = (
    Client(
        name="Python 1.3.8",
        kind="python",
        version="1.3.8",
        generation="v1",
        folders=("python_v1",),
        needs=(OLD_HTTPX,),
        without={
            "streaming": "runs can't be streamed before 1.14",
            "served": "neither can those whose functions the server runs",
            "overrides": "runs took few settings then",
        },
    ),
    Client(
        name="Python 1.20.0",
        kind="python",
        version="1.20.0",
        generation="v1",
        folders=("python_v1",),
        needs=(OLD_HTTPX,),
    ),
    Client(
        name="Python 1.35.0",
        kind="python",
        version="1.35.0",
        generation="v2",
        folders=("python",),
        needs=(OLD_HTTPX,),
        without={"uploads": "uploads came with 1.37", "containers": "and containers with 1.81"},
    ),
    Client(name="Python 1.109.1", kind="python", version="1.109.1", generation="v2", folders=("python",)),
    Client(name="Python 2.54.0", kind="python", version="2.54.0", generation="v2", folders=("python",)),
    Client(name="Python 3.51.0", kind="python", version="3.51.0", generation="v2", folders=("python",)),
    Client(name="npm 4.36.0", kind="node", version="4.36.0", generation="v1", folders=("node_4", "node_v1")),
    Client(name="npm 4.104.0", kind="node", version="4.104.0", generation="v2", folders=("node_4", "node_4_v2")),
    Client(name="npm latest", kind="node", version="latest", generation="v2", folders=("node",), needs=(OWN_NODE,)),
    Client(
        name="Azure Python 1.20.0",
        kind="python",
        version="1.20.0",
        generation="v1",
        folders=("python_azure_v1",),
        needs=(OLD_HTTPX,),
        azure=True,
    ),
    Client(
        name="Azure Python 3.51.0",
        kind="python",
        version="3.51.0",
        generation="v2",
        folders=("python_azure",),
        azure=True,
    ),
    Client(
        name="Azure npm latest",
        kind="node",
        version="latest",
        generation="v2",
        folders=("node_azure",),
        needs=(OWN_NODE,),
        azure=True,
    ),
)


def client_named(name: str) -> Client:
    """The client of the matrix that bears this name."""
    return next(client for client in MATRIX if client.name == name)


def interpreter(client: Client) -> Path:
    """The program that runs the client's programs, its environment made if need be.

    Raises ClientMissing for what this machine lacks, and AssertionError where an installation failed.
    """
    return _python(client) if client.kind == "python" else _node(client)


def _python(client: Client) -> Path:
    folder = client.environment
    python = folder / ("Scripts/python.exe" if WINDOWS else "bin/python")
    with _made_once(folder) as is_ready:
        if not is_ready:
            venv.create(folder)
            pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
            _install(client, [*pip, "install", "--quiet", "--no-compile", f"openai=={client.version}", *client.needs])
    return python


def _node(client: Client) -> Path:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise ClientMissing("node and npm are not on this machine; the programs of npm's clients need them")
    folder = client.environment
    with _made_once(folder) as is_ready:
        if not is_ready:
            folder.mkdir(parents=True)
            (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
            quietly = ["--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
            _install(client, [npm, "install", *quietly, f"openai@{client.version}", *client.needs])
    if OWN_NODE not in client.needs:
        return Path(node)
    own = folder / "node_modules/node/bin" / ("node.exe" if WINDOWS else "node")
    if not own.exists():
        raise ClientMissing(f"npm's {OWN_NODE} brought no node for this machine; {client.name} needs one")
    return own


@contextmanager
def _made_once(folder: Path) -> Iterator[bool]:
    """Hold the environment's lock; gives whether it is whole, and an empty place for it if it isn't."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    mark = folder / ".ready"
    with FileLock(f"{folder}.lock"):
        is_ready = mark.exists()
        if not is_ready:
            shutil.rmtree(folder, ignore_errors=True)
        yield is_ready
        mark.touch()


def _install(client: Client, command: list[str]) -> None:
    done = subprocess.run(
        command,
        cwd=ENVIRONMENTS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(f"could not install {client.name}; its tests need a package index:\n{done.stdout}")
