"""Settings: one frozen value, read once where the program is put together, and passed down."""

from retinue.settings.reading import default_data, read_settings
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
    "Settings",
    "default_data",
    "read_settings",
]
