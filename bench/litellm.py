"""LiteLLM's proxy, to be measured beside: in a virtual environment of its own, and no part of anything else."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.build import BUILD, write
from bench.progress import tell
from bench.servers import TOKEN, Server, free_port, served

PACKAGE = "litellm[proxy]==1.106.2"
FOLDER = BUILD / "litellm"


@contextlib.contextmanager
def proxy(upstream_port: int) -> Iterator[Server]:
    """Yield the proxy, one worker, as its own command starts it, with any model handed on to the upstream."""
    port = free_port()
    config = write("litellm.yaml", settings(upstream_port))
    command = [str(installed()), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "LITELLM_", "PYTHONPATH"))}
    own = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # of its own package, not from the network
        "LITELLM_LOG": "ERROR",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",  # it looks no key up, which is its gain
    }
    with served("litellm", command, port, environment | own, health="/health/liveliness") as server:
        yield server


def settings(upstream_port: int) -> str:
    return f"""\
model_list:
  - model_name: "bench-*"
    litellm_params:
      model: "openai/bench-*"
      api_base: "http://127.0.0.1:{upstream_port}/v1"
      api_key: "{TOKEN}"
litellm_settings:
  telemetry: false
"""


def installed() -> Path:
    """Return its command; install it, once, if it is not there."""
    command = FOLDER / "bin" / "litellm"
    if not command.exists():
        tell(f"  installing {PACKAGE} into {FOLDER}: about two minutes and 750 MB, once")
        subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER], check=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", PACKAGE], check=True)
    return command
