"""Commands that the terminal advises, as they have to be typed here."""

import os
import shlex
from pathlib import Path

from retinue.settings import default_data


def command(words: str, data: Path) -> str:
    """Return `retinue <words>`, with the data folder named where it isn't the default one."""
    named = "" if data == default_data(os.environ).absolute() else f" --data {shlex.quote(str(data))}"
    return f"retinue {words}{named}"
