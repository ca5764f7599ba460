"""Threads: an ordered list of items, seen from the branch at their head."""

from msgspec import Struct

from retinue.core.assistant import Metadata
from retinue.core.tools import ToolResources


class Thread(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stored thread; its items hang on branches, and `head` is the branch that the API shows."""

    id: str
    created_at: float
    head: str
    """Id of the branch that is shown and appended to."""
    tool_resources: ToolResources | None = None
    implied: bool = False
    """True while all that is known of it are imported messages and runs that name it."""
    metadata: Metadata = {}
