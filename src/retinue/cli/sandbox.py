"""`retinue sandbox serve`."""

import os
import sys
from pathlib import Path

import typer

from retinue.app.runner import Served, serve_runner
from retinue.cli.say import say
from retinue.cli.serve import run_loop
from retinue.cli.settings import settings_of
from retinue.sandbox.base import Limits
from retinue.sandbox.remote.tenants import Bounds

_KEY = "RETINUE_RUNNER_KEY"
_STOPPED = "Stopped."


def run_serve(host: str, port: int, *, sessions: int, idle_s: float, config: Path | None) -> None:
    """Serve until a signal to stop."""
    settings_of(config=config)
    bounds = Bounds(sessions=sessions, idle_s=idle_s)
    run_loop(serve_runner(host, port, key=os.environ.get(_KEY), limits=Limits(), bounds=bounds, announce=_announce))
    typer.echo(_STOPPED)


def _announce(served: Served) -> None:
    lacking = f" Not installed, so that code can't import them: {', '.join(served.missing)}." if served.missing else ""
    say(
        f"Retinue runs code at {served.url}, for servers with its key; walls: {served.back_end}; "
        f"{served.most_sessions} sessions at most.{lacking}"
    )
    if not served.loopback:
        say("It speaks plain HTTP: on a network that others share, put TLS before it.")
    sys.stdout.flush()
