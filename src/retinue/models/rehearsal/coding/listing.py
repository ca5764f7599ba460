"""Listing: which files are there."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.core.container_paths import FOLDER
from retinue.models.rehearsal.coding.given import printed
from retinue.models.rehearsal.coding.runs import Run

_ASKED = re.compile(
    r"\blist\b[^.\n]{0,20}\bfiles\b|\b(?:which|what) files (?:are|do|can|have)\b|\bin /mnt/data\b[^.\n]{0,20}\?",
    re.IGNORECASE,
)
_LONGEST_SAID = 2_000  # characters


class Listing(Struct, frozen=True):
    """See `Job`."""

    def code(self, runs: Sequence[Run]) -> str | None:
        return None if runs else f"import os\n\nprint('files:', sorted(os.listdir({FOLDER!r})))"

    def told(self, run: Run) -> str:
        files = run.printed("files")
        if files is None:
            return printed(run)
        return "There are no files." if files == "[]" else f"The files are {files[:_LONGEST_SAID].strip('[]')}."


def asks_for_list(text: str) -> bool:
    """Whether a text asks which files there are."""
    return _ASKED.search(text) is not None
