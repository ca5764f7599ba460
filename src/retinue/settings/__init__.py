"""Settings: one frozen value, read once where the program is put together, and passed down."""

from retinue.settings.files import default_data
from retinue.settings.reading import Reading, read, read_settings
from retinue.settings.values import (
    DEFAULT_HOST,
    DEFAULT_PORT,
    Exposure,
    ModelSettings,
    PriceSettings,
    ProviderSettings,
    Settings,
)

__all__ = [
    "DEFAULT_HOST",
    "DEFAULT_PORT",
    "Exposure",
    "ModelSettings",
    "PriceSettings",
    "ProviderSettings",
    "Reading",
    "Settings",
    "default_data",
    "read",
    "read_settings",
]
