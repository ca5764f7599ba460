"""A dump's text taken apart: one object after the other, whatever they are strung together by.

Lines of JSON, objects printed over many lines, lists of them, pages of lists: between the records there is nothing but
brackets, commas and the fields of a page, so these are passed over, and what is in memory is one record at most.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import Struct

from retinue.api.dump import literal
from retinue.api.dump.literal import Incomplete
from retinue.api.dump.text import DamagedFile

MAX_RECORD = 64 << 20  # characters

_PIECE = 256 << 10  # characters read at a time
_AHEAD = 4 << 10  # characters of which the beginning of a page, or what stands between records, may have so many
_KEPT = 1 << 20  # characters that may be behind us before they are dropped; an error's place is counted from there
_NEAR = 16  # an error so near to the end of the text may be the end's: a word, a number, an escape that goes on

_BETWEEN = re.compile(r"[\s,\]}]+")
_SCALAR = r"""(?:"[^"\\\n]{0,256}"|'[^'\\\n]{0,256}'|[A-Za-z]{4,5}|-?[0-9.]{1,20})"""
_NAME = r"""["'](?!id["'])[a-z_]{1,64}["']\s*:\s*"""
_LISTED = r"""["'](?:data|items|assistants?|threads?|messages?|runs?)["']\s*:\s*"""
_PAGE = re.compile(rf"\{{\s*(?:{_NAME}{_SCALAR}\s*,\s*){{0,6}}{_LISTED}(?=[\[{{])")
_PAGE_FIELD = re.compile(rf"{_LISTED}(?=[\[{{])|{_NAME}{_SCALAR}(?=\s*[,}}])")
_BAD_TEXT = re.compile("[\x00\ud800-\udfff]|\\\\u(?:0000|[dD][89a-fA-F])|\\\\x00|\\\\U0000")


class Found(Struct, frozen=True):
    """A whole object, where it begins, and how long it is in characters."""

    line: int
    value: dict[str, Any]
    size: int
    suspect: bool
    """True if it may hold text that can't be stored."""


class Unreadable(Struct, frozen=True):
    """A stretch of the dump that is no object, and why."""

    line: int
    reason: str


class Text(Protocol):
    """Text to be read piece by piece."""

    def read(self, size: int, /) -> str:
        """Return at most so many characters, and none only at the end; raises DamagedFile."""
        ...


def split(text: Text) -> Iterator[Found | Unreadable]:
    """Yield the records of a dump in order, and what of it can't be read."""
    return _Splitter(text).split()


class _Splitter:
    def __init__(self, text: Text) -> None:
        self._source = text
        self._text = ""
        self._place = 0
        self._line = 1
        self._counted = 0
        """Up to where in the text the lines are counted."""
        self._last_dropped = "\n"
        self._ended = False
        self._open_lists = 0
        self._astray = False
        """True after something unreadable, until a record is found: what lies between is passed over in silence."""

    def split(self) -> Iterator[Found | Unreadable]:
        try:
            while self._pass_over():
                if (found := self._next()) is not None:
                    yield found
        except DamagedFile as error:
            yield Unreadable(self._at_line(), error.message)
            return
        if self._open_lists > 0 and not self._astray:
            yield Unreadable(self._at_line(), "the file ends amid a list: it may have been cut off")

    def _pass_over(self) -> bool:
        """Go to the next thing that is not between records; False at the end."""
        while True:
            self._see(_AHEAD)
            if self._place == len(self._text):
                return False
            if match := _BETWEEN.match(self._text, self._place):
                self._open_lists -= match[0].count("]")
            elif self._text[self._place] == "[":
                self._open_lists += 1
                self._place += 1
                continue
            elif not (match := _PAGE_FIELD.match(self._text, self._place)):
                return True
            self._place = match.end()

    def _next(self) -> Found | Unreadable | None:
        """Take the record that begins here, or pass over what is none."""
        if self._text[self._place] != "{":
            return self._pass_over_strange()
        if page := _PAGE.match(self._text, self._place):
            self._place = page.end()
            return None
        line = self._at_line()
        try:
            value, end = self._decode()
        except (ValueError, RecursionError) as error:
            reason, begins_line = self._why(error), self._begins_line()
            self._place += 1
            return self._stray(line, f"this can't be read: {reason}", begins_line=begins_line)
        size = end - self._place
        suspect = _BAD_TEXT.search(self._text, self._place, end) is not None
        self._place = end
        if self._astray and not _is_record(value):
            return None  # a part of what could not be read
        self._astray = False
        return Found(line, value, size, suspect)

    def _pass_over_strange(self) -> Unreadable | None:
        line = self._at_line()
        said = self._text[self._place : self._place + 20].split("\n")[0]
        while True:
            following = self._text.find("{", self._place)
            self._place = len(self._text) if following < 0 else following
            if following >= 0 or not self._see(_AHEAD):
                return self._stray(line, f"this is no object: {said!a}", begins_line=False)

    def _stray(self, line: int, reason: str, *, begins_line: bool) -> Unreadable | None:
        """Something unreadable: told once, and again where a line begins with another object."""
        if self._astray and not begins_line:
            return None
        self._astray = True
        return Unreadable(line, reason)

    def _decode(self) -> tuple[dict[str, Any], int]:
        """Return the object that begins here and where it ends; raises ValueError or RecursionError."""
        if self._place > _KEPT:
            self._drop()
        while True:
            try:
                return _decode(self._text, self._place)
            except Incomplete:
                here = len(self._text) - self._place
                if here >= MAX_RECORD:
                    raise ValueError(f"it is longer than {MAX_RECORD >> 20} MB") from None
                if not self._see(2 * here):
                    raise ValueError("the file ends before it does") from None

    def _see(self, size: int) -> bool:
        """Have at least so many characters at hand from here on, if there are; return whether any came."""
        missing = size - (len(self._text) - self._place)
        if missing <= 0 or self._ended:
            return False
        self._drop()
        pieces = [self._text]
        while missing > 0 and (piece := self._source.read(max(_PIECE, missing))):
            pieces.append(piece)
            missing -= len(piece)
        self._ended = missing > 0
        self._text = "".join(pieces)
        return len(pieces) > 1

    def _drop(self) -> None:
        """Forget what is behind us."""
        self._at_line()
        if self._place:
            self._last_dropped = self._text[self._place - 1]
        self._text = self._text[self._place :]
        self._place = self._counted = 0

    def _why(self, error: Exception) -> str:
        if isinstance(error, RecursionError):
            return "it is nested too deeply"
        if isinstance(error, json.JSONDecodeError):
            line = self._line + self._text.count("\n", self._counted, error.pos)
            return f"{error.msg[:1].lower()}{error.msg[1:]} (line {line})"
        return str(error)

    def _begins_line(self) -> bool:
        return (self._text[self._place - 1] if self._place else self._last_dropped) == "\n"

    def _at_line(self) -> int:
        """The number of the line that we are at."""
        self._line += self._text.count("\n", self._counted, self._place)
        self._counted = self._place
        return self._line


def _decode(text: str, start: int) -> tuple[dict[str, Any], int]:
    try:
        value, end = _json.raw_decode(text, start)
    except json.JSONDecodeError as error:
        if error.pos >= len(text) - _NEAR or error.msg.startswith("Unterminated string"):
            raise Incomplete from None
        if text[error.pos] not in "'NTF":
            raise
        value, end = literal.decode(text, start)
    return value, end  # a dict, as it begins with a brace


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


_json = json.JSONDecoder(parse_constant=_no_number)


def _is_record(value: dict[str, Any]) -> bool:
    return isinstance(value.get("object"), str)
