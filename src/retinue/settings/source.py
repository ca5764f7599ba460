"""Where the value of a setting came from."""

from typing import Literal

from msgspec import Struct

Layer = Literal["command line", "environment", ".env", "retinue.toml", "default"]
"""The places that settings are read from, the first that has one wins."""


class Source(Struct, frozen=True, kw_only=True):
    """What said the value of a setting."""

    layer: Layer
    name: str = ""
    """Its name there: a variable, an option, or a table and key such as "[server] port"."""
    file: str | None = None
    """As it may be shown: its name in the current folder, else its path."""
    line: int | None = None

    def __str__(self) -> str:
        """Return it as `retinue config` shows it: "environment OPENAI_MODEL", ".env:3 OPENAI_MODEL"."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place or self.layer} {self.name}".rstrip()

    @property
    def where(self) -> str:
        """Return it for a sentence: "OPENAI_MODEL (.env, line 3)"."""
        line = "" if self.line is None else f", line {self.line}"
        return f"{self.name} ({self.file}{line})" if self.file else self.name


DEFAULT = Source(layer="default")
