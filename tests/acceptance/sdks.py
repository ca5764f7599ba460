"""The official clients, unmodified, each in an environment of its own that is made once and kept."""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venvs"
PYTHON_VERSIONS = ("1.109.1", "3.51.0")
INSTALL_TIMEOUT_S = 540


def python_with_openai(version: str) -> Path:
    """The interpreter of an environment that holds this version of PyPI's `openai` and what it needs."""
    name = f"openai-{version}-py{sys.version_info.major}.{sys.version_info.minor}"
    folder = ENVIRONMENTS / name
    interpreter = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    with _made_once(folder) as ready:
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            _install(
                [str(interpreter), "-m", "pip", "install", "--quiet", f"openai=={version}"],
                f"pip could not install openai {version}",
            )
            ready.touch()
    return interpreter


def node_with_openai() -> Path | None:
    """The folder whose node_modules holds npm's latest `openai` that this node can run; None without node."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    folder = ENVIRONMENTS / "node"
    with _made_once(folder) as ready:
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "package.json").write_text('{"private": true, "type": "module"}\n')
            _install(
                [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "openai"],
                "npm could not install openai",
            )
            ready.touch()
    return folder


@contextmanager
def _made_once(folder: Path) -> Iterator[Path]:
    """Hold the environment's lock; gives the file whose being there says that it is whole."""
    ENVIRONMENTS.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):
        yield folder / ".ready"


def _install(command: list[str], failure: str) -> None:
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
        raise AssertionError(f"{failure}; these tests need a package index:\n{done.stdout}")
