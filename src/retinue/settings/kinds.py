"""Kinds of values: what a setting takes, whether a variable's text says it or a file of TOML."""

import re
import unicodedata
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

_LONGEST = 8_192  # characters of a text
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:]+\]?")
_MODULE = re.compile(r"(?!.*\.py$)[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Kind(Protocol):
    """What a setting takes."""

    @property
    def must(self) -> str:
        """What a value must be: the end of "it must be ..."."""
        ...

    def parse(self, text: str) -> object:
        """Return what a variable's text says, as TOML would have it; raises ValueError if it says nothing."""
        ...

    def check(self, value: Any, base: Path) -> Any:
        """Return the setting that a value stands for, paths below `base`; raises ValueError if it can't be meant."""
        ...


class Text(Struct, frozen=True):
    """One line of text."""

    must: str = "a text of one line"

    def parse(self, text: str) -> object:
        """See `Kind.parse`."""
        return text

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        return self.accept(_require(isinstance(value, str) and value.strip(), value))

    def accept(self, text: str) -> Any:
        """Return what the text stands for."""
        text = text.strip()
        return _require(text.isprintable() and len(text) <= _LONGEST, text)


class Secret(Text, frozen=True):
    """A text that nobody gets to see."""

    must: str = "one line without control characters"


class Address(Text, frozen=True):
    """A URL."""

    must: str = "an address that begins with http:// or https://"

    def accept(self, text: str) -> Any:
        """See `Text.accept`."""
        text = super().accept(text)
        parts = urlsplit(text)
        return _require(parts.scheme in ("http", "https") and parts.hostname and " " not in text, text)


class HostName(Text, frozen=True):
    """A name that a Host header may bear."""

    must: str = "a host's name alone, without http://, port or path"

    def accept(self, text: str) -> Any:
        """See `Text.accept`."""
        return _require(_HOST.fullmatch(text.strip()), text.strip())


class FilePath(Text, frozen=True):
    """A file or folder."""

    must: str = "a path"

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        path = Path(super().check(value, base))
        try:
            return base / path.expanduser()
        except RuntimeError as error:  # ~name, and there is no such user
            raise ValueError from error

    def accept(self, text: str) -> Any:
        """See `Text.accept`: names of files may have characters that are not printed, such as joiners."""
        return _require({"Cc", "Cs"}.isdisjoint(map(unicodedata.category, text.strip())), text.strip())


class Module(FilePath, frozen=True):
    """A Python file, or a module that Python finds by its dotted name."""

    must: str = "a Python file or a module's name"

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        named = isinstance(value, str) and _MODULE.fullmatch(value.strip())
        return Path(value.strip()) if named else super().check(value, base)


class Choice(Struct, frozen=True):
    """One of a few words, whatever their case."""

    words: tuple[str, ...]

    @property
    def must(self) -> str:
        """See `Kind.must`."""
        return f"one of {', '.join(self.words)}"

    def parse(self, text: str) -> object:
        """See `Kind.parse`."""
        return text

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        return _require(isinstance(value, str) and value.lower() in self.words, value).lower()


class Flag(Struct, frozen=True):
    """True or false."""

    must: str = "true or false"

    def parse(self, text: str) -> object:
        """See `Kind.parse`."""
        return {"true": True, "false": False}.get(text.lower())

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        return _require(isinstance(value, bool), value)


class Number(Struct, frozen=True):
    """A number within bounds."""

    low: float
    high: float

    @property
    def must(self) -> str:
        """See `Kind.must`."""
        return f"a number from {self.low:.12g} to {self.high:.12g}"

    def parse(self, text: str) -> object:
        """See `Kind.parse`."""
        return float(text)

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(_require(is_number and self.low <= value <= self.high, value))


class Integer(Struct, frozen=True):
    """A whole number within bounds."""

    low: int
    high: int

    @property
    def must(self) -> str:
        """See `Kind.must`."""
        return f"a whole number from {self.low} to {self.high}"

    def parse(self, text: str) -> object:
        """See `Kind.parse`."""
        return int(text)

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        return int(_require(type(value) is int and self.low <= value <= self.high, value))


class Many(Struct, frozen=True):
    """A list; in a variable, with commas between."""

    of: Kind
    one_too: bool = False
    """Whether a file may give one alone without the brackets."""

    @property
    def must(self) -> str:
        """See `Kind.must`."""
        one = f"{self.of.must}, or " if self.one_too else ""
        return f"{one}a list of which each is {self.of.must}"

    def parse(self, text: str) -> object:
        """See `Kind.parse`."""
        return [part for part in text.split(",") if part.strip()]

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        values = [value] if self.one_too and isinstance(value, str) else value
        _require(isinstance(values, list) and (values or not self.one_too), value)
        return tuple(self.of.check(one, base) for one in values)


class Headers(Struct, frozen=True):
    """A table of HTTP headers."""

    must: str = 'a table of headers, such as {"X-Team" = "blue"}, names and values of one line'

    def parse(self, text: str) -> object:
        """See `Kind.parse`: no variable holds headers."""
        raise ValueError

    def check(self, value: Any, base: Path) -> Any:
        """See `Kind.check`."""
        _require(isinstance(value, dict) and all(map(_HEADER.fullmatch, value)), value)
        return {name: Text().check(said, base) for name, said in value.items()}


def _require(holds: object, value: Any) -> Any:
    if not holds:
        raise ValueError
    return value
