"""The code in the arguments of a code interpreter's call, found while the model still writes them.

`{"code": "..."}` is what it was asked for. What models write instead is taken as well: the text with its line ends as
they are, other fields beside it, code under another name, a bare JSON string, or nothing but the code.
"""

import re
from enum import Enum, auto

from retinue.core.surrogates import mended

_NAMES = ("code", "input", "python")
"""Of the field that has the code, the best one first."""

_LONGEST_NAME = 64  # characters of a field's name that are kept: it is none of ours then
_BLANK = re.compile(r"[ \t\r\n]*")
_SAID = re.compile(r'(?:[^"\\]++|\\(?:u[0-9A-Fa-f]{4}|[^u]))++', re.DOTALL)
_NO_BRACKET = re.compile(r'[^"\[\]{},]++')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([^u]))", re.DOTALL)
_ESCAPE_BEGUN = re.compile(r"\\(?:u[0-9A-Fa-f]{0,3})?")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "\\": "\\", "/": "/"}


class _Place(Enum):
    START = auto()
    BRACE = auto()
    """Behind the first brace: an object's, or one of bare code."""
    FIELD = auto()
    NAME = auto()
    COLON = auto()
    VALUE = auto()
    STRING = auto()
    OTHER = auto()
    """In a value that is no string."""
    OTHER_STRING = auto()
    BARE = auto()
    OVER = auto()


def code_of(arguments: str) -> str:
    """Return the code in whole arguments, or in those that were broken off."""
    scanner = CodeScanner()
    return scanner.take(arguments) + scanner.end()


class CodeScanner:
    """Finds the code in arguments that come in fragments. However they are cut, it finds the same."""

    def __init__(self) -> None:
        self._place = _Place.START
        self._rest = ""
        """What can't be understood before more of it has come: some characters at most."""
        self._name = ""
        self._half = ""
        """The first half of a surrogate pair, whose second may follow."""
        self._depth = 0
        self._target: list[str] | None = None
        """Where the string goes that is being read; None where nobody wants it."""
        self._code: list[str] = []
        self._others: dict[str, list[str]] = {}

    def take(self, fragment: str) -> str:
        """Take more of the arguments and return the code that this brought."""
        text, self._rest, at = self._rest + fragment, "", 0
        while at < len(text) and self._place is not _Place.OVER:
            after = self._step(text, at)
            if after is None:
                self._rest = text[at:]
                break
            at = after
        return self._taken()

    def end(self) -> str:
        """No more will come: return what was held back."""
        if self._place is not _Place.OVER:
            self._be_over()
        return self._taken()

    def _step(self, text: str, at: int) -> int | None:
        """Read on from a place in the text and return up to where; None if more has to come first."""
        match self._place:
            case _Place.NAME | _Place.STRING | _Place.OTHER_STRING:
                return self._string(text, at)
            case _Place.OTHER:
                return self._other(text, at)
            case _Place.BARE:
                self._code.append(text[at:])
                return len(text)
        blank = _BLANK.match(text, at)
        if blank and blank.end() > at:
            return blank.end()
        match self._place:
            case _Place.START:
                return self._start(text, at)
            case _Place.BRACE:
                return self._brace(text, at)
            case _Place.FIELD:
                return self._field(text, at)
            case _Place.COLON:
                self._place = _Place.VALUE
                return at + 1 if text[at] == ":" else at
            case _:
                return self._value(text, at)

    def _start(self, text: str, at: int) -> int | None:
        if text[at] == "{":
            self._place = _Place.BRACE
            return at + 1
        if text[at] == '"' and not text.startswith('"""', at):
            if text[at:] in ('"', '""'):
                return None
            self._place, self._target = _Place.STRING, self._code
            return at + 1
        self._place = _Place.BARE
        return at

    def _brace(self, text: str, at: int) -> int:
        if text[at] in '"}':
            self._place = _Place.FIELD
        else:
            self._place = _Place.BARE
            self._code.append("{")
        return at

    def _field(self, text: str, at: int) -> int:
        if text[at] == "}":
            self._be_over()
        elif text[at] == '"':
            self._place, self._name, self._target = _Place.NAME, "", []
        return at + 1

    def _value(self, text: str, at: int) -> int:
        if text[at] != '"':
            self._place, self._depth = _Place.OTHER, 0
            return at
        self._place, self._target = _Place.STRING, None
        if self._name == _NAMES[0]:
            self._target = self._code
        elif self._name in _NAMES and self._name not in self._others:
            self._target = self._others[self._name] = []
        return at + 1

    def _string(self, text: str, at: int) -> int | None:
        if text[at] == '"':
            self._close_string()
            return at + 1
        if said := _SAID.match(text, at):
            return self._say(_ESCAPE.sub(_unescaped, said[0]), said.end())
        if _ESCAPE_BEGUN.fullmatch(text, at):
            return None
        return self._say("\\u", at + 2)  # no escape: left as it is

    def _say(self, said: str, after: int) -> int:
        if self._place is _Place.NAME:
            self._name += said[: _LONGEST_NAME - len(self._name)]
        elif self._place is _Place.STRING and self._target is not None:
            self._target.append(said)
        return after

    def _close_string(self) -> None:
        if self._place is _Place.NAME:
            self._place = _Place.COLON
        elif self._place is _Place.OTHER_STRING:
            self._place = _Place.OTHER
        elif self._target is self._code:
            self._place = _Place.OVER
        else:
            self._place = _Place.FIELD

    def _other(self, text: str, at: int) -> int:
        if plain := _NO_BRACKET.match(text, at):
            return plain.end()
        sign = text[at]
        if sign == '"':
            self._place = _Place.OTHER_STRING
        elif not self._depth and sign in ",}]":
            self._place = _Place.FIELD
            return at if sign == "}" else at + 1
        elif sign != ",":
            self._depth += 1 if sign in "[{" else -1
        return at + 1

    def _be_over(self) -> None:
        """Nothing that follows matters; code that was not called so counts if there was none that was."""
        inside = self._place is _Place.STRING and self._target is self._code
        self._place = _Place.OVER
        if not inside:
            self._code += next((self._others[name] for name in _NAMES if name in self._others), [])

    def _taken(self) -> str:
        text = self._half + "".join(self._code)
        if not text:
            return ""
        self._code.clear()
        may_go_on = self._place is not _Place.OVER and "\ud800" <= text[-1] <= "\udbff"
        self._half = text[-1] if may_go_on else ""
        return mended(text[: len(text) - len(self._half)])


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _ESCAPED.get(escape[2], escape[0])
