"""`retinue tools` and `retinue tools call`."""

import asyncio
import difflib
import textwrap
from pathlib import Path
from typing import Any

import msgspec
import typer

from retinue.api.assistants.render import tool
from retinue.app.tools import open_registry
from retinue.cli.functions import EXPOSE
from retinue.cli.say import say
from retinue.cli.settings import settings_of
from retinue.core.errors import NotStarted
from retinue.core.key import DEFAULT_PROJECT
from retinue.settings import Settings
from retinue.tools import ToolContext
from retinue.tools.function import Function

_BY_HAND = ToolContext(
    project=DEFAULT_PROJECT,
    user=None,
    assistant_id="asst_by_hand",
    thread_id="thread_by_hand",
    run_id="run_by_hand",
    call_id="call_by_hand",
    key="by-hand",
)


def run_show(modules: tuple[Path, ...], *, config: Path | None, as_json: bool) -> None:
    """Print each function: its name, where it stands, what the model gets to see of it, and for whom it runs."""
    registry = open_registry(_settings(modules, config))
    audiences = registry.audiences()
    if as_json:
        typer.echo(_json([_described(function, audiences[name]) for name, function in registry.functions.items()]))
        return
    for name, function in registry.functions.items():
        say(_shown(function, audiences[name]))


def run_call(name: str, arguments: str, modules: tuple[Path, ...], *, config: Path | None) -> None:
    """Print what a model would read; exit code 1 where the call failed."""
    registry = open_registry(_settings(modules, config))
    if name not in registry.functions:
        near = difflib.get_close_matches(name, registry.functions, n=1) or sorted(registry.functions)
        raise NotStarted(f"There is no function '{name}'; there is {', '.join(near)}.")
    result = asyncio.run(registry.run(name, arguments, _BY_HAND))
    typer.echo(result.output)
    if result.outcome != "done":
        raise typer.Exit(1)


def _settings(modules: tuple[Path, ...], config: Path | None) -> Settings:
    settings = settings_of(config=config, tools=modules or None)
    if not settings.tools:
        raise NotStarted(
            "No functions are named. Name their file: --tools mytools.py, or [tools] modules in retinue.toml."
        )
    return settings


def _shown(function: Function, audience: list[str]) -> str:
    declaration = function.declaration
    lines = [
        *textwrap.wrap(declaration.description or "It has no description: give it a docstring.", 78),
        f"Takes {_json(declaration.parameters)}",
        f"Runs for {' and '.join(audience) or f'nobody; {EXPOSE}'}",
    ]
    called = "" if function.place.startswith(f"{function.name} ") else f"{function.name}: "
    return f"{called}{function.place}\n{textwrap.indent(chr(10).join(lines), '  ')}\n"


def _described(function: Function, audience: list[str]) -> dict[str, Any]:
    return {
        "name": function.name,
        "place": function.place,
        "declaration": tool(function.declaration),
        "exposed_to": audience,
        "idempotent": function.options.idempotent,
        "timeout_s": function.options.timeout_s,
    }


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()
