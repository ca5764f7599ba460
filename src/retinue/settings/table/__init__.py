"""The one table of all settings: what each takes, and by which names it is set."""

from typing import Any

import msgspec
from msgspec import Struct

from retinue.settings.kinds import FilePath
from retinue.settings.table.documents import DOCUMENTS
from retinue.settings.table.exposure import EXPOSURE
from retinue.settings.table.interpreter import INTERPRETER
from retinue.settings.table.providers import ABOUT, PRICE, PROVIDER
from retinue.settings.table.runs import RUNS
from retinue.settings.table.server import SERVER
from retinue.settings.table.setting import Setting
from retinue.settings.table.tools import TOOLS
from retinue.settings.values import Exposure, ModelSettings, PriceSettings, ProviderSettings, Settings

__all__ = ["ABOUT", "CONFIG", "EXPOSURE", "PRICE", "PROVIDER", "SETTINGS", "Setting", "default_of"]

CONFIG = Setting(
    "config",
    FilePath(),
    "The retinue.toml to read, where it is none of those that are looked for.",
    variable="RETINUE_CONFIG",
    example='"retinue.toml"',
)
"""Stands in variables and on the command line alone, and is no field of the settings."""

SETTINGS = (*SERVER, *RUNS, *DOCUMENTS, *INTERPRETER, *TOOLS)
"""Those of one value each. Paths in a file are relative to its folder."""

_STRUCTS: tuple[tuple[tuple[Setting, ...], type[Struct]], ...] = (
    (SETTINGS, Settings),
    (PROVIDER, ProviderSettings),
    (ABOUT, ModelSettings),
    (PRICE, PriceSettings),
    (EXPOSURE, Exposure),
)


def default_of(setting: Setting) -> Any:
    """Return what is in force where nothing says otherwise; None for a field that must be said."""
    struct = next(struct for settings, struct in _STRUCTS if setting in settings)
    field = next(field for field in msgspec.structs.fields(struct) if field.name == setting.field)
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return None if field.default is msgspec.NODEFAULT else field.default
