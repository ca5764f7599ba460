"""What commands print."""

import typer

from retinue.cli.clean import clean


def say(text: str = "", *, err: bool = False, colour: str | None = None) -> None:
    """Print text for people, with nothing in it that a terminal would obey: names in it come from outside."""
    typer.secho(clean(text), err=err, fg=colour)
