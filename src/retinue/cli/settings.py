"""The settings that a command runs with: what the command line says goes before everything else."""

from pathlib import Path
from typing import Any, Literal

from msgspec import structs

from retinue.cli.log import configure_log
from retinue.cli.say import say
from retinue.settings import Reading, Settings, read

_HERE = Path()


def settings_of(
    *,
    log_level: Literal["warning", "error"] | None = "warning",
    config: Path | None = None,
    asks_providers: bool = False,
    **said: Any,
) -> Settings:
    """Return the settings in force, the data folder made absolute; what is said as None is not said.

    The log goes to standard error, at this level or the one that is set. What was found amiss is told there too, of
    providers to a command that asks them.
    """
    reading = reading_of(config=config, **said)
    settings = structs.replace(reading.settings, data=reading.settings.data.expanduser().absolute())
    configure_log(structs.replace(settings, log_level=log_level or settings.log_level))
    for note in reading.notes:
        if asks_providers or note not in reading.provider_notes:
            say(f"retinue: {note}", err=True)
    return settings


def reading_of(*, config: Path | None = None, **said: Any) -> Reading:
    """Read the settings as this process and the folder that it runs in have them."""
    return read(folder=_HERE, config=config, said=said)
