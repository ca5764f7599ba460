"""Objects as Python prints them: `print(x.model_dump())` writes no JSON."""

import json
import re
from typing import Any

_TOKEN = re.compile(
    r"\s+|[{}\[\],:]"
    r"|'(?P<single>[^'\\\n]*(?:\\.[^'\\\n]*)*)'"
    r'|"(?P<double>[^"\\\n]*(?:\\.[^"\\\n]*)*)"'
    r"|(?P<number>-?[0-9][0-9.eE+_-]*)"
    r"|(?P<word>[A-Za-z]+)"
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|U[0-9a-fA-F]{8}|.)|\"|[\x00-\x1f]")
_WORDS = {"None": "null", "True": "true", "False": "false", "null": "null", "true": "true", "false": "false"}
_CLOSING = {"}": "{", "]": "["}

MAX_LITERAL = 8 << 20  # characters: each of its words is an object of its own until it is whole


_MAX_DEPTH = 100  # objects and lists within each other


class Incomplete(Exception):
    """The text ends amid the object."""


class Broken(Exception):
    """The text begins with no object: why, and how far it was read if that is known."""

    def __init__(self, reason: str, at: int | None, *, tell_line: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.at = reason, at
        self.tell_line = tell_line
        """Whether the line of that place helps people."""


def decode(text: str) -> tuple[Any, int]:
    """Return the object that the text begins with, and where it ends; raises Incomplete or Broken."""
    pieces: list[str] = []
    open_: list[str] = []
    place = 0
    while match := _TOKEN.match(text, place):
        begins, place = place, match.end()
        token = match[0]
        if place == len(text) and token not in "}]":
            raise Incomplete
        try:
            _follow(open_, token, place)
            pieces.append(_as_json(match))
            if not open_:
                return json.loads("".join(pieces)), place
        except json.JSONDecodeError as error:
            raise Broken(f"{error.msg[:1].lower()}{error.msg[1:]}", place) from None
        except ValueError as error:
            raise Broken(str(error), begins + 1) from None
    if place >= len(text) - 1 or _is_open_string(text, place):
        raise Incomplete
    raise Broken(f"{text[place]!a} is not expected there", place)


def _follow(open_: list[str], token: str, place: int) -> None:
    """Keep what is open; raises ValueError where it can't be."""
    if place > MAX_LITERAL:
        raise ValueError(f"as Python prints it, it is longer than {MAX_LITERAL >> 20} MB; print it as JSON")
    if token in "{[":
        open_.append(token)
        if len(open_) > _MAX_DEPTH:
            raise ValueError("it is nested too deeply")
    elif token in "}]" and (not open_ or open_.pop() != _CLOSING[token]):
        raise ValueError(f"{token!r} closes nothing")


def _as_json(match: re.Match[str]) -> str:
    if (string := match["single"]) is None:
        string = match["double"]
    if string is not None:
        return f'"{_ESCAPE.sub(_escape, string)}"'
    if (word := match["word"]) is not None:
        if word not in _WORDS:
            raise ValueError(f"{word[:20]!r} is no value")
        return _WORDS[word]
    return match[0]


def _escape(match: re.Match[str]) -> str:
    said = match[1]
    if said is None:
        return json.dumps(match[0])[1:-1]
    if said[0] == "x" and len(said) == 3:
        return f"\\u00{said[1:]}"
    if said[0] == "U" and len(said) == 9:
        return json.dumps(chr(min(int(said[1:], 16), 0x10FFFF)))[1:-1]
    return "'" if said == "'" else match[0]


def _is_open_string(text: str, place: int) -> bool:
    """Whether a string begins here whose end may still come."""
    return text[place] in "'\"" and text.find("\n", place) < 0
