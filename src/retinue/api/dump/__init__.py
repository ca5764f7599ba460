"""The door for dumps: objects as the official client printed them, into the store and out of it."""

from retinue.api.dump.exporting import exported
from retinue.api.dump.importing import Bad, Importer, Listener, Report
from retinue.api.dump.packed import Bytes
from retinue.api.dump.text import Characters

__all__ = ["Bad", "Bytes", "Characters", "Importer", "Listener", "Report", "exported"]
