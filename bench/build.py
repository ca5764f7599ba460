"""The load tools: C programs, made when they are needed; and the folder of what is made here."""

import os
import resource
import shutil
import subprocess
from pathlib import Path

from bench.progress import tell

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"
FILES_WANTED = 32_768  # a stream takes two of a gateway's


def build_tools() -> None:
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if not compiler:
        raise SystemExit("The load tools need a C compiler. On Debian or Ubuntu: sudo apt install gcc libc6-dev")
    BUILD.mkdir(parents=True, exist_ok=True)
    for tool in ("upstream", "load"):
        source, program = HERE / "c" / f"{tool}.c", BUILD / tool
        subprocess.run([compiler, "-O2", "-std=gnu11", "-o", program, source], check=True)


def raise_file_limit() -> int:
    """Let the children open as many files as the system allows, up to what is wanted; return how many."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY:
        hard = FILES_WANTED
    for limit in ((FILES_WANTED, max(hard, FILES_WANTED)), (min(FILES_WANTED, hard), hard)):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        except (ValueError, OSError):
            continue  # only root may raise the hard limit
        return limit[0]
    tell("The limit of open files can't be raised; `ulimit -n` shows it.")
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def write(name: str, text: str) -> Path:
    path = BUILD / name
    path.write_text(text, encoding="utf-8")
    return path
