"""The seam between what code is written for, and who writes, runs and tells of it."""

from collections.abc import Sequence
from typing import Protocol

from retinue.models.rehearsal.coding.runs import Run


class Job(Protocol):
    """Something that a request asks code for."""

    def code(self, runs: Sequence[Run]) -> str | None:
        """Return the code to run after these runs, which all failed; None where nothing else is left to try."""
        ...

    def told(self, run: Run) -> str:
        """Return what the run came to, in sentences; it did not fail."""
        ...
