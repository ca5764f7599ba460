"""`retinue keys create`, `list` and `revoke`."""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from retinue.app.keys import create_key, list_keys, revoke_key, withdraw_key
from retinue.cli.hints import command
from retinue.cli.say import say
from retinue.cli.settings import settings_of
from retinue.core.errors import NotStarted
from retinue.core.key import DEFAULT_PROJECT, Key

_COLUMNS = ("id", "name", "project", "begins", "made (UTC)", "state")


def run_create(name: str, project: str, *, data: Path | None, config: Path | None, quiet: bool) -> None:
    """Make a key and print it; one that can't be printed is withdrawn, for nobody will ever know it."""
    folder = settings_of(data=data, config=config).data
    if sys.stdout is None:  # closed by whoever called
        raise NotStarted("Standard output is closed, so that nobody would see the key: none was made.")
    made = asyncio.run(create_key(folder, name=name, project=project))
    try:
        if quiet:
            typer.echo(made.text)
        else:
            typer.echo(f"Made {made.key.id} of project {project!r}.\nIt is shown this once; keep it safe:\n")
            typer.echo(f"  export OPENAI_API_KEY={made.text}\n")
            typer.echo("Programs send it as OpenAI's: as a bearer token, or in the header api-key.")
            if made.first:
                typer.echo("It is the first: any token would do until now, and none will any more.")
            if made.first and project != DEFAULT_PROJECT:
                typer.echo(f"What was made without a key is in project {DEFAULT_PROJECT!r}, out of its sight.")
        sys.stdout.flush()
    except OSError as error:
        asyncio.run(withdraw_key(folder, made.key.id))
        _give_up_output()
        raise NotStarted(f"The key could not be printed ({error.strerror}), so it was not kept.") from error


def run_list(*, data: Path | None, config: Path | None, as_json: bool) -> None:
    """Print the keys as a table, or as JSON."""
    folder = settings_of(data=data, config=config).data
    keys = asyncio.run(list_keys(folder))
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(keys)).decode())
    elif keys:
        for line in _table([_COLUMNS, *map(_row, keys)]):
            say(line)
    else:
        typer.echo(f"There are no keys in {folder}: on this machine any token will do.")
        typer.echo(f"Make one: {command('keys create', folder)}")


def run_revoke(which: str, *, data: Path | None, config: Path | None) -> None:
    """Revoke a key and say what that means."""
    folder = settings_of(data=data, config=config).data
    revoked = asyncio.run(revoke_key(folder, which))
    name = f" ({revoked.key.name})" if revoked.key.name else ""
    say(f"Revoked {revoked.key.id}{name}: it opens nothing any more.")
    if not revoked.left:
        typer.echo(f"It was the last. Nobody gets in until another is made: {command('keys create', folder)}")


def _row(key: Key) -> tuple[str, ...]:
    state = "in force" if key.revoked_at is None else f"revoked {_time(key.revoked_at)}"
    return key.id, key.name, key.project, f"{key.shown}...", _time(key.created_at), state


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M")


def _give_up_output() -> None:
    """Let nothing be written to standard output any more: at its end, Python would try again and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
