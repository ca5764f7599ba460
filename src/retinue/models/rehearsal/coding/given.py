"""Code that the request itself holds: it is run as it stands, and mended where that is easy."""

import re
from collections.abc import Sequence

from msgspec import Struct

from retinue.models.rehearsal.coding.mending import mended
from retinue.models.rehearsal.coding.runs import Run

_LONGEST_SAID = 4_000  # characters of an output that are repeated

_BLOCK = re.compile(r"```[ \t]*(?:python3?|py)?[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL | re.IGNORECASE)
_INLINE = re.compile(r"(?<!`)`([^`\n]{2,500})`(?!`)")
_ASKED = re.compile(
    r"\b(?:run|execute|python|try|test|comput\w*|calculate|evaluate|outputs?|results?|prints?)\b", re.IGNORECASE
)
_ASKED_INLINE = re.compile(r"\b(?:run|execute|evaluate)\b", re.IGNORECASE)


class Given(Struct, frozen=True, kw_only=True):
    """See `Job`. The user's own code."""

    source: str

    def code(self, runs: Sequence[Run]) -> str | None:
        if not runs:
            return self.source
        failure = runs[-1].failure
        return mended(runs[-1].code, failure) if failure else None

    def told(self, run: Run) -> str:
        return printed(run)


def given(text: str) -> Given | None:
    """Return the code that a text asks to be run; None where it holds none."""
    if block := _BLOCK.search(text):
        around = text[: block.start()] + text[block.end() :]
        return Given(source=block[1]) if block[1].strip() and _ASKED.search(around) else None
    inline = _INLINE.search(text) if _ASKED_INLINE.search(text) else None
    return Given(source=inline[1]) if inline and not inline[1].endswith((".csv", ".py", ".xlsx", ".json")) else None


def printed(run: Run) -> str:
    """Return what a run printed, as it stands, and links to the files that it wrote."""
    return " ".join(filter(None, [_quoted(run), "" if run.links is None else f"It wrote {run.links}."]))


def _quoted(run: Run) -> str:
    output = run.text[:_LONGEST_SAID]
    if not output:
        return "The code ran, and printed nothing."
    if "\n" not in output:
        return f"The result is {output.rstrip('.')}."
    fence = "`" * max(3, *(len(ticks) + 1 for ticks in re.findall(r"`+", output) or [""]))
    return f"The code printed:\n\n{fence}\n{output}\n{fence}\n"
