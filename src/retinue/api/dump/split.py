"""A dump's text taken apart: one object after the other, whatever they are strung together by.

Lines of JSON, objects printed over many lines, lists of them, pages of lists: between the records there is nothing but
brackets, commas and the fields of a page, so these are passed over, and what is in memory is one record at most.
"""

import re
from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import Struct

from retinue.api.dump.decode import Decoder
from retinue.api.dump.literal import Broken, Incomplete
from retinue.api.dump.packed import DamagedFile

MAX_RECORD = 64 << 20  # characters

_PIECE = 256 << 10  # characters read at a time
_AHEAD = 4 << 10  # characters of which the beginning of a page, or what stands between records, may have so many
_KEPT = 1 << 20  # characters that may be behind us before they are dropped
_SMALL, _USUAL, _LARGE = 256, 4 << 10, 256 << 10  # characters that are tried first: so many more if they are too few

# A record that can't be read is entered, to find those that it swallowed. So the same text is read again and again, and
# what may be read so in vain is bounded: by a stock, and so much more for each character of the dump.
_STOCK = 16 << 20
_SCARCE = 8 << 20  # from here on, lines are given up
_PER_CHARACTER = 64

_BETWEEN = re.compile(r"[\s,\]}]+")
_SCALAR = r"""(?:"[^"\\\n]{0,256}"|'[^'\\\n]{0,256}'|[A-Za-z]{4,5}|-?[0-9.]{1,20})"""
_NAME = r"""["'](?!id["'])[a-z_]{1,64}["']\s*:\s*"""
_LISTED = r"""["'](?:data|items|assistants?|threads?|messages?|runs?)["']\s*:\s*"""
_PAGE = re.compile(rf"\{{\s*(?:{_NAME}{_SCALAR}\s*,\s*){{0,6}}{_LISTED}(?=[\[{{])")
_PAGE_FIELD = re.compile(rf"{_NAME}(?=[\[{{])|{_NAME}{_SCALAR}(?=\s*[,}}])")
_OPENING = re.compile(r"\{")
_LIKELY = re.compile(r"""^\{|\{(?=\s*(?:["'}]|\Z))""", re.MULTILINE)
_PRINTED_PLAINLY = re.compile(r"\w+\(\w+=")
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
        self._damage: DamagedFile | None = None
        self._decoder = Decoder()
        self._try = _USUAL
        """Characters that the next record will probably have at most."""
        self._stock = _STOCK
        self._open_lists = 0
        self._astray = False
        """True after something unreadable, until a record is found: what lies between is passed over in silence."""
        self._given_up = False
        """True once that stretch was said to have been too much."""

    def split(self) -> Iterator[Found | Unreadable]:
        while self._pass_over():
            yield from self._next()
        if self._damage is not None:
            yield Unreadable(self._at_line(), self._damage.message)
        elif self._open_lists > 0 and not self._astray:
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

    def _next(self) -> Iterator[Found | Unreadable]:
        """Take the record that begins here, or pass over what is none."""
        if self._text[self._place] != "{" or (self._astray and not _LIKELY.match(self._text, self._place)):
            yield from self._pass_over_strange()
            return
        if page := _PAGE.match(self._text, self._place):
            self._place = page.end()
            return
        line = self._at_line()
        try:
            value, size = self._decode()
        except Broken as broken:
            yield from self._enter(line, broken)
            return
        end = self._place + size
        suspect = _BAD_TEXT.search(self._text, self._place, end) is not None
        self._place = end
        if self._astray and not _is_record(value):
            return  # a part of what could not be read
        self._astray = self._given_up = False
        self._try = min(max(2 * size, _USUAL), _LARGE)
        yield Found(line, value, size, suspect)

    def _pass_over_strange(self) -> Iterator[Unreadable]:
        line = self._at_line()
        said = self._text[self._place : self._place + 20].split("\n")[0]
        while True:
            following = (_LIKELY if self._astray else _OPENING).search(self._text, self._place)
            self._place = len(self._text) if following is None else following.start()
            if following is not None or not self._see(_AHEAD):
                break
        reason = f"this is no object: {said!a}"
        if _PRINTED_PLAINLY.match(said):
            reason += "; the client's own objects have to be dumped: x.model_dump()"
        yield from self._stray(line, reason, begins_line=False)

    def _enter(self, line: int, broken: Broken) -> Iterator[Unreadable]:
        """Go on within what can't be read, or behind it where too much was read in vain already."""
        at = broken.at or 0
        if self._damage is not None and self._place + at == len(self._text):
            self._astray = True  # the damage is told instead
        reason = broken.reason
        if broken.tell_line:
            reason += f" (line {line + self._lines(at)})"
        yield from self._stray(
            line, f"this can't be read: {reason}", begins_line=self._begins_line() and self._damage is None
        )
        following = self._place + 1
        left = self._stock - self._decoder.work
        if left < _SCARCE:
            following = self._place + max(at, 1)
            line_end = self._text.find("\n", self._place, following)
            if left > 0 and line_end >= 0:
                following = line_end + 1
            if self._text.find("object", self._place + 1, following) >= 0 and not self._given_up:
                self._given_up = True
                yield Unreadable(line, "so much is broken here that records may have been passed over")
        self._place = following

    def _stray(self, line: int, reason: str, *, begins_line: bool) -> Iterator[Unreadable]:
        """Something unreadable: told once, and again where a line begins with another object."""
        if begins_line or not self._astray:
            self._astray = True
            yield Unreadable(line, reason)

    def _decode(self) -> tuple[dict[str, Any], int]:
        """Return the object that begins here and its length; raises Broken."""
        if self._place > max(_KEPT, len(self._text) // 2):
            self._drop()
        size, known = _SMALL if self._astray else self._try, 0
        while True:
            tried = self._text[self._place : self._place + size]
            try:
                return self._decoder.decode(tried)
            except Incomplete:
                known = len(tried)
            except Broken as broken:
                if broken.at is None:
                    broken.at = known
                raise
            if known >= MAX_RECORD:
                raise Broken(f"it is longer than {MAX_RECORD >> 20} MB", known)
            size = 2 * max(size, known)
            self._see(size)
            if len(self._text) - self._place == known:
                raise Broken("the file ends before it does", known)

    def _see(self, size: int) -> bool:
        """Have at least so many characters at hand from here on, if there are; return whether any came."""
        missing = size - (len(self._text) - self._place)
        if missing <= 0 or self._ended:
            return False
        self._drop()
        pieces = [self._text]
        while missing > 0 and (piece := self._read(max(_PIECE, missing))):
            pieces.append(piece)
            missing -= len(piece)
        self._ended = missing > 0
        self._text = "".join(pieces)
        return len(pieces) > 1

    def _read(self, size: int) -> str:
        """Read on; damage is the end, and told once all that came before it is taken."""
        try:
            piece = self._source.read(size)
        except DamagedFile as error:
            self._damage = error
            return ""
        self._stock += _PER_CHARACTER * len(piece)
        return piece

    def _drop(self) -> None:
        """Forget what is behind us."""
        self._at_line()
        if self._place:
            self._last_dropped = self._text[self._place - 1]
        self._text = self._text[self._place :]
        self._place = self._counted = 0

    def _lines(self, size: int) -> int:
        return self._text.count("\n", self._place, self._place + size)

    def _begins_line(self) -> bool:
        return (self._text[self._place - 1] if self._place else self._last_dropped) == "\n"

    def _at_line(self) -> int:
        """The number of the line that we are at."""
        self._line += self._text.count("\n", self._counted, self._place)
        self._counted = self._place
        return self._line


def _is_record(value: dict[str, Any]) -> bool:
    return isinstance(value.get("object"), str)
