"""Reads to whom a retinue.toml exposes the server's own functions."""

from retinue.core.errors import NotStarted
from retinue.settings.table import EXPOSURE
from retinue.settings.toml import Document
from retinue.settings.values import Exposure


def read_exposures(document: Document) -> tuple[Exposure, ...]:
    """Return all [[tools.expose]]; raises NotStarted for what can't be meant."""
    raw = document.content.get("tools", {}).get("expose", [])
    if not isinstance(raw, list):
        raise NotStarted(f"[tools.expose] in {document.path} must stand in two pairs of brackets: [[tools.expose]].")
    return tuple(Exposure(**document.fields(table, EXPOSURE, table="tools.expose")) for table in raw)
