"""`retinue serve`."""

import asyncio
import logging
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import structlog
import typer
from msgspec import structs

from retinue.app import Started, serve
from retinue.settings import Settings, read_settings


def run_server(*, host: str | None, port: int | None, data: Path | None, script: Path | None) -> None:
    """Serve until a signal to stop; what the command line says goes before the environment."""
    said = {"host": host, "port": port, "data": data, "script": script}
    settings = structs.replace(read_settings(), **{name: value for name, value in said.items() if value is not None})
    settings = structs.replace(settings, data=settings.data.expanduser().absolute())
    configure_log(settings)
    run_loop(serve(settings, _announce))


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Run on the fastest event loop there is on this platform."""
    try:
        import uvloop
    except ImportError:  # Windows, or another Python than CPython
        asyncio.run(main)
    else:
        uvloop.run(main)


def configure_log(settings: Settings) -> None:
    """Log to standard error: readable in a terminal, JSON lines elsewhere."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr, format="%(levelname)s %(message)s")
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            *([] if terminal else [structlog.processors.format_exc_info]),
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _announce(started: Started) -> None:
    serving = started.serving
    lines = [
        f"Retinue serves at  {started.url}",
        f"  Base URL         {started.url}/v1      (OPENAI_BASE_URL for your code)",
        f"  Data folder      {started.data}",
        f"  Model            {serving.label}: {serving.why}",
        '  Keys             none needed: any bearer token is project "default", for this machine only',
    ]
    if started.resumed:
        lines.append(f"  Runs             {started.resumed} unfinished taken up again")
    lines += [
        "Try it:",
        f"  curl {started.url}/v1/assistants -H 'Authorization: Bearer any' -d '{{\"model\": \"gpt-4o\"}}'",
        "The whole job in one go: retinue demo. Stop with Ctrl-C.",
    ]
    typer.echo("\n".join(lines))
    sys.stdout.flush()
