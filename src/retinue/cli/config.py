"""`retinue config`: what is in force, and where each value came from."""

import json
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import typer

from retinue.cli.say import say
from retinue.cli.settings import reading_of
from retinue.settings import Reading
from retinue.settings.example import env_example, toml_example
from retinue.settings.listing import Entry, listed

_NARROWEST = 40  # columns; a narrower terminal wraps by itself


def run_config(config: Path | None, *, data: Path | None, as_json: bool) -> None:
    """Print the settings, and on standard error what was found amiss."""
    reading = reading_of(config=config, data=data)
    for note in reading.notes:
        say(f"retinue: {note}", err=True)
    typer.echo(_json(reading)) if as_json else say(_text(reading))


def run_example(*, variables: bool) -> None:
    """Print a commented retinue.toml, or a commented .env."""
    typer.echo(env_example() if variables else toml_example(), nl=False)


def _json(reading: Reading) -> str:
    files = {"retinue.toml": _path(reading.document.path), ".env": _path(reading.dotenv)}
    entries = msgspec.to_builtins(listed(reading))
    return json.dumps({"files": files, "settings": entries, "notes": reading.notes}, indent=2, ensure_ascii=False)


def _text(reading: Reading) -> str:
    width = max(_NARROWEST, shutil.get_terminal_size().columns)
    lines = list(_files(reading, width))
    tables: dict[str, list[Entry]] = {}
    for entry in listed(reading):
        tables.setdefault(entry.table, []).append(entry)
    for table, entries in tables.items():
        lines += ["", *([f"[{table}]"] if table else []), *_rows(entries, width)]
    return "\n".join(lines)


def _files(reading: Reading, width: int) -> Iterator[str]:
    for name, path in (("retinue.toml", reading.document.path), (".env", reading.dotenv)):
        said = _path(path) or "none"
        yield from _wrapped(said, f"{name:<14}", width)


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _rows(entries: list[Entry], width: int) -> Iterator[str]:
    names, column = max(len(entry.name) for entry in entries), width // 2 + 4
    for entry in entries:
        *first, last = _wrapped(_value(entry.value), f"{entry.name:<{names}}  ", width)
        source = str(entry.source)
        if len(last) < column and column + len(source) <= width:
            yield from (*first, f"{last:<{column}}{source}")
        else:
            yield from (*first, last, *_wrapped(source, " " * (names + 4), width))


def _wrapped(text: str, label: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=label, subsequent_indent=" " * len(label)) or [label]


def _value(value: Any) -> str:
    """Return a value for people."""
    match value:
        case bool():
            return str(value).lower()
        case None | [] | ():
            return "-"
        case float():
            return f"{value:.12g}"
        case list() | tuple():
            return ", ".join(value)
        case dict():
            return "; ".join(f"{name} {_value(said)}" for name, said in value.items()) or "-"
        case _:
            return str(value)
