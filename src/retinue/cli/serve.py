"""`retinue serve`."""

import asyncio
import contextlib
import gc
import os
import sys
import textwrap
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import typer

from retinue.app.serve import Started, serve
from retinue.cli.functions import served_functions
from retinue.cli.hints import command
from retinue.cli.leaving import leave_within
from retinue.cli.settings import settings_of
from retinue.settings import Settings

_END_S = 5.0  # for functions that are still at work when the server has closed all of its own
_STOPPED = "Stopped."
_WIDTH = 80
_NEW_OBJECTS = 10_000  # between two looks at the youngest; Python's own 700 come together in a handful of requests
_PROJECTS = 5  # named in the banner
_WHOLE: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def run_server(config: Path | None, **said: Any) -> None:
    """Serve until a signal to stop; fields of the settings that are said go before all else, None is not said."""
    settings = settings_of(log_level=None, config=config, asks_providers=True, **said)
    run_loop(_served(settings))
    with contextlib.suppress(ValueError):  # a function has closed standard output
        typer.echo(_STOPPED)


async def _served(settings: Settings) -> None:
    """Serve; then, all of ours being closed, leave in a while whatever functions of the user's still do."""
    await serve(settings, _started)
    leave_within(_END_S, code=0, say=_STOPPED)


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run on the fastest event loop there is on this platform."""
    try:
        import uvloop
    except ImportError:  # Windows, or another Python than CPython
        asyncio.run(main)
    else:
        uvloop.run(main)


def _started(started: Started) -> None:
    _spare_the_collector()
    _announce(started)


def _spare_the_collector() -> None:
    """Let Python look seldom for garbage in cycles, and never at what the start made.

    Requests leave none, but looking took a twentieth of a run's CPU time. A look at all there is holds everybody up.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


def _announce(started: Started) -> None:
    """Say where the server is and what answers, in lines of a narrow terminal's width."""
    serving = started.serving
    rows = {
        "Base URL": f"{started.url}/v1 (OPENAI_BASE_URL for your programs)",
        "Data folder": str(started.data),
        "Model": f"{serving.label}. {serving.why}",
        "Keys": _keys(started),
    }
    if started.functions:
        rows["Functions"] = served_functions(started.functions)
    if started.everywhere:
        rows["Reach"] = "every address of this machine; others call it by this machine's name or address"
    if started.resumed:
        rows["Runs"] = f"{started.resumed} unfinished, taken up again"
    typer.echo(f"Retinue serves at {started.url}")
    for name, text in rows.items():
        typer.echo(textwrap.fill(text, _WIDTH, initial_indent=f"  {name:<13}", subsequent_indent=" " * 15, **_WHOLE))
    token = '"Authorization: Bearer $OPENAI_API_KEY"' if started.keys else "'Authorization: Bearer any'"
    typer.echo(f"Try it:\n  curl {started.url}/v1/models -H {token}")
    typer.echo(f"See the whole job: {_demo()}. Stop with Ctrl-C.")
    sys.stdout.flush()


def _keys(started: Started) -> str:
    if not started.keys:
        return "none needed, any bearer token will do; only this machine can reach the server"
    live = [key for key in started.keys if key.in_force]
    if not live:
        return f"all are revoked, so that nobody gets in; make one with: {command('keys create', started.data)}"
    projects = sorted({key.project for key in live})
    named = ", ".join(projects[:_PROJECTS]) + (f" and {more} more" if (more := len(projects) - _PROJECTS) > 0 else "")
    return f"{len(live)} in force, and nobody gets in without one; projects: {named}"


def _demo() -> str:
    """How to call the demo from where this server was called."""
    return "make demo" if os.environ.get("MAKELEVEL") else "retinue demo"
