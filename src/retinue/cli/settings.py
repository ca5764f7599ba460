"""The settings that a command runs with: what the command line says goes before the environment."""

from pathlib import Path
from typing import Literal

import typer
from msgspec import structs

from retinue.cli.log import configure_log
from retinue.settings import Settings, read_settings


def settings_of(
    *, log_level: Literal["warning"] | None = "warning", data: Path | None = None, **said: object
) -> Settings:
    """Return the settings in force, the data folder made absolute; what is said as None is not said.

    The log goes to standard error, at this level or the one that is set. Variables that are misspelt are told.
    """
    settings = read_settings()
    changes = {name: value for name, value in said.items() if value is not None}
    settings = structs.replace(settings, **changes, data=(data or settings.data).expanduser().absolute())
    configure_log(structs.replace(settings, log_level=log_level or settings.log_level))
    for name in settings.unknown:
        typer.echo(f"{name} is set, and is no setting of Retinue: see the README for those that are.", err=True)
    return settings
