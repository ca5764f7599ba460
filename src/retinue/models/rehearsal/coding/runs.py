"""Runs: code that was run, and what its output says: lines that it printed, or what went wrong."""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from retinue.models.base import Json
from retinue.models.rehearsal.conversation import Answered
from retinue.models.rehearsal.functions import runs_code

_LONGEST = 200_000  # characters of an output that are looked at: of a longer one the end
_RAISED = re.compile(
    r"^(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*(?:Error|Exception|Interrupt|Exit|Iteration))"
    r"(?::[ \t]*(?P<what>[^\n]*))?$",
    re.MULTILINE,
)
_TRACED = re.compile(r"^(?:Traceback \(most recent call last\):|[ \t]*File \")", re.MULTILINE)
_MODULE = re.compile(r"No module named '(\w+)|[Mm]issing optional dependency '(\w+)'|[Ii]mport (\w+) failed")

_NOTHING = "(no output)"
_SAID = re.compile(r"^\[(?:Shown to the user|Written, to be linked): [^\n]*\]$", re.MULTILINE)
_WRITTEN = re.compile(r"^\[Written, to be linked: ([^\n]{1,4000})\]$", re.MULTILINE)


class Failure(Struct, frozen=True, kw_only=True):
    """What ended a run before its end."""

    kind: str
    """The exception's name."""
    what: str

    @property
    def missing(self) -> str | None:
        """The library that is not there; None where it was something else."""
        found = _MODULE.search(self.what) if self.kind in ("ModuleNotFoundError", "ImportError") else None
        return next((group for group in found.groups() if group), None) if found else None

    @property
    def sentence(self) -> str:
        """The failure in Python's own words; a `KeyError` has its own in quotes."""
        if self.kind == "KeyError" and " " in self.what:
            return self.what.strip("'\"")
        return f"{self.kind}: {self.what}" if self.what else self.kind


class Run(Struct, frozen=True, kw_only=True):
    """One call of the code interpreter that has its output."""

    code: str
    output: str

    @property
    def failure(self) -> Failure | None:
        """What went wrong; None where nothing did."""
        traced = list(_TRACED.finditer(self.output))
        if not traced:
            return None
        raised = _RAISED.search(self.output, traced[-1].end())
        return Failure(kind=raised["kind"], what=(raised["what"] or "").strip()) if raised else None

    @property
    def text(self) -> str:
        """What it printed, without what the server says of it."""
        return "" if self.output.startswith(_NOTHING) else _SAID.sub("", self.output).strip()

    @property
    def links(self) -> str | None:
        """The links to the files that it wrote, as the server gives them; None where it wrote none."""
        found = _WRITTEN.search(self.output)
        return found[1] if found else None

    def printed(self, name: str) -> str | None:
        """Return what stands behind `name: ` on the first line that begins with it."""
        found = re.search(rf"^{re.escape(name)}: ([^\n]*)$", self.output, re.MULTILINE)
        return found[1].strip() if found else None


def runs_of(outputs: Sequence[Answered]) -> tuple[Run, ...]:
    """Return the runs among these outputs, in order."""
    return tuple(
        Run(code=_code(answered.arguments), output=answered.output[-_LONGEST:].strip())
        for answered in outputs
        if runs_code(answered.name)
    )


def missing(runs: Sequence[Run]) -> frozenset[str]:
    """Return the libraries that runs looked for in vain."""
    return frozenset(name for run in runs if run.failure and (name := run.failure.missing))


def _code(arguments: str) -> str:
    try:
        code = msgspec.json.decode(arguments, type=Json).get("code")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
    return code if isinstance(code, str) else ""
