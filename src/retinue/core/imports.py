"""What is taken over from elsewhere, with its ids and times, and what became of it."""

from msgspec import Struct

from retinue.core.assistant import Assistant
from retinue.core.item import Message
from retinue.core.run import Run
from retinue.core.thread import Thread

Importable = Assistant | Thread | Message | Run


class Import(Struct, frozen=True):
    """One thing to take over. Its time has whole seconds: `tie` orders what was created in the same one."""

    value: Importable
    tie: int = 0
    """Counted up from 0 along a list that has the oldest first, down from 0 along one that has the newest first."""
    newest_first: bool = False
    """How the list goes. What comes later and would stand where something stands already goes below or above it."""


class Refusal(Struct, frozen=True):
    """The import at `index` of its batch can't be taken, and why."""

    index: int
    reason: str


class Outcome(Struct, frozen=True):
    """What became of a batch: the places in it of what is new here, and what was refused; the rest was here already."""

    taken: tuple[int, ...]
    refused: tuple[Refusal, ...]
