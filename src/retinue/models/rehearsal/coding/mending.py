"""Mending: code that did not run, changed where its failure says what it lacks."""

import re

from retinue.models.rehearsal.coding.runs import Failure
from retinue.models.rehearsal.words import word_set

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_NAME = re.compile(r"name '(\w+)' is not defined")
_TOKEN = re.compile(r"\"\"\"|'''|\"|'|#[^\n]*|[()\[\]{}]|\n")
_MODULES = word_set(
    "collections csv datetime decimal fractions functools itertools json math os pathlib random re statistics string "
    "sys time"
)
_OF_MATH = word_set("ceil cos exp factorial floor log pi sin sqrt tan")
_IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    **{name: f"import {name}" for name in _MODULES},
    **{name: f"from math import {name}" for name in _OF_MATH},
    "Counter": "from collections import Counter",
    "Path": "from pathlib import Path",
}
_LONGEST = 20_000  # characters of code that are mended


def mended(code: str, failure: Failure) -> str | None:
    """Return the code with what it lacks: a bracket, a quote, an import; None where that is not known."""
    if len(code) > _LONGEST:
        return None
    if failure.kind == "SyntaxError":
        closed = balanced(code)
        return closed if closed != code else None
    found = _NAME.match(failure.what) if failure.kind == "NameError" else None
    needed = _IMPORTS.get(found[1]) if found else None
    return f"{needed}\n{code}" if needed and needed not in code else None


def balanced(code: str) -> str:
    """Return the code with every bracket and quote closed that was left open: on its line, for all that follows."""
    return _Balancing().balanced(code)


class _Balancing:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[str] = []
        self._quote = ""

    def balanced(self, code: str) -> str:
        end = 0
        while token := self._tokens.search(code, end):
            self._parts.append(code[end : token.start()])
            end = token.end()
            self._take(token[0], code[end:])
        self._parts.append(code[end:])
        self._end_string(self._quote)
        self._close()
        return "".join(self._parts)

    @property
    def _tokens(self) -> re.Pattern[str]:
        return re.compile(rf"{self._quote}|\\.|\n", re.DOTALL) if self._quote else _TOKEN

    def _take(self, token: str, behind: str) -> None:
        if token == "\n" and len(self._quote) == 1:
            self._end_string(self._quote)
        if not self._quote and token[0] in "#\n" and _ends_statement(behind.removeprefix("\n")):
            self._close()
        if self._quote:
            self._quote = "" if token == self._quote else self._quote
        elif token[0] in "'\"":
            self._quote = token
        elif token in _CLOSERS:
            self._open.append(_CLOSERS[token])
        elif token in self._open:
            while (closer := self._open.pop()) != token:
                self._parts.append(closer)
        self._parts.append(token)

    def _end_string(self, quote: str) -> None:
        self._parts.append(quote)
        self._quote = ""
        if quote:
            self._close()

    def _close(self) -> None:
        self._parts.extend(reversed(self._open))
        self._open.clear()


def _ends_statement(behind: str) -> bool:
    """Whether the next line begins a statement of its own: it is not indented, and goes on with nothing."""
    return not behind or not (behind[0].isspace() or behind[0] in ")]}#'\"")
