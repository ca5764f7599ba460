"""`retinue doctor`."""

import asyncio
import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import typer

from retinue.app.doctor import Finding, examine
from retinue.cli.say import say
from retinue.cli.settings import reading_of, settings_of
from retinue.core.errors import NotStarted

_NARROWEST = 40  # columns; a narrower terminal wraps by itself


def run_doctor(*, data: Path | None, config: Path | None, as_json: bool) -> None:
    """Print what was found, a line each, or JSON. Exit code 1 where something that is set up does not work."""
    findings = _findings(data, config)
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode({"findings": findings})).decode())
    else:
        say("\n".join(_lines(findings, max(_NARROWEST, shutil.get_terminal_size().columns))))
    if any(finding.state == "broken" for finding in findings):
        raise typer.Exit(1)


def _findings(data: Path | None, config: Path | None) -> Sequence[Finding]:
    try:
        settings = settings_of(log_level="error", config=config, data=data)
        reading = reading_of(config=config, data=data)
    except NotStarted as error:
        return [Finding(about="Settings", state="broken", text=error.message)]
    return asyncio.run(examine(msgspec.structs.replace(reading, settings=settings)))


def _lines(findings: Sequence[Finding], width: int) -> Iterator[str]:
    column = max(len(finding.about) for finding in findings) + 2
    for finding in findings:
        label = f"{finding.state:<8}{finding.about:<{column}}"
        yield from _wrapped(finding.text, label, width)
        if finding.advice:
            yield from _wrapped(finding.advice, " " * len(label), width)
    broken = sum(finding.state == "broken" for finding in findings)
    if broken:
        yield f"{broken} of what is set up {'does' if broken == 1 else 'do'} not work."


def _wrapped(text: str, label: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=label, subsequent_indent=" " * len(label), break_on_hyphens=False
    ) or [label]
