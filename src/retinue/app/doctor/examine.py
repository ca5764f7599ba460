"""All that is looked over, in the order in which it is told."""

import asyncio

from retinue.app.doctor.finding import Finding
from retinue.app.doctor.interpreter import interpreter
from retinue.app.doctor.machine import data_folder, documents, python, settings_files
from retinue.app.doctor.providers import providers
from retinue.settings import Reading


async def examine(reading: Reading) -> list[Finding]:
    """Return what was found; takes 20 s at most. A server may be serving meanwhile."""
    settings = reading.settings
    asked, tried = await asyncio.gather(providers(settings), interpreter(settings))
    return [python(), *settings_files(reading), *data_folder(settings.data), *asked, documents(), *tried]
