"""Floor 4: the turn engine. Doors read through the store, listen to runs, and call commands for every change."""

from retinue.engine.bus import Bus, Channel, MemoryBus
from retinue.engine.driver import Limits
from retinue.engine.engine import Engine

__all__ = ["Bus", "Channel", "Engine", "Limits", "MemoryBus"]
