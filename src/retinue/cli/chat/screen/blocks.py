"""Cuts Markdown that comes in pieces into blocks: one that is finished, nothing that comes later can change."""

import re
from collections.abc import Iterator

from markdown_it.token import Token
from msgspec import Struct

from retinue.cli.chat.screen.grammar import BLOCKS

_CODE_LINES = 30  # of one piece of code: a longer one is shown in several, so that it need not wait for its end
_ROWS = 40  # of one piece of a table, likewise; each has the table's head
_MOST = 8_000  # characters that wait for a block's end
_OPENING = 1_000  # characters of what goes before each part of code or of a table; a longer one is not repeated
_EACH_LINE, _EVERY = (
    20,
    16,
)  # lines of a block that are each looked at; of a longer one every 16th, and each that may end it
_OPENING_LINES = {"fence": 1, "table_open": 2}


class Block(Struct, frozen=True, kw_only=True):
    """A paragraph, a heading, a table, one item of a list, up to 30 lines of code."""

    source: str
    apart: bool
    """Whether an empty line stands between it and the block before it."""


class Blocks:
    """Takes text and gives the blocks that it finishes: the same ones in whatever pieces the text came."""

    def __init__(self) -> None:
        self._rest = ""
        self._last = ""  # the kind of the last block given, and what stood behind it

    def feed(self, text: str) -> Iterator[Block]:
        """Take more text, a clean one; yield the blocks that are finished by it."""
        for line in _lines(text):
            yield from self._line(line)

    def close(self) -> Iterator[Block]:
        """Yield what is left when no more text comes."""
        yield from self.waiting()
        self._rest = ""

    def waiting(self) -> Iterator[Block]:
        """Yield what waits for its end as it would be if it were reached now."""
        ahead = Blocks()
        ahead._rest, ahead._last = self._rest.rstrip("\n") + "\n", self._last
        yield from ahead._cut()
        if ahead._rest.strip():
            yield ahead._block(ahead._rest, _kind(ahead._rest))

    def _line(self, line: str) -> Iterator[Block]:
        while line:
            room = _MOST - len(self._rest)
            part, line = line[:room], line[room:]
            self._rest += part
            if part.endswith("\n") and self._is_due(part):
                yield from self._cut()
            if len(self._rest) >= _MOST:
                yield from self._force()

    def _is_due(self, line: str) -> bool:
        """Tell whether to look for blocks' ends: at each line of a long table that would take its time."""
        lines = self._rest.count("\n")
        return lines <= _EACH_LINE or lines % _EVERY == 0 or not line.strip("`~ \t\n")

    def _cut(self) -> Iterator[Block]:
        """Yield all blocks that have another one behind them, and code as soon as there is enough of it."""
        if not self._rest.strip():
            self._rest = ""
            return
        lines = _lines(self._rest)
        tokens = [token for token in BLOCKS.parse(self._rest) if _begins_block(token)]
        starts = [token.map[0] for token in tokens if token.map]
        for token, start, end in zip(tokens, starts, starts[1:], strict=False):
            yield self._block("".join(lines[start:end]), token.type)
        self._rest = "".join(lines[starts[-1] :])
        if tokens[-1].type == "fence":
            yield from self._code(tokens[-1].markup)
        elif tokens[-1].type == "table_open":
            yield from self._table()

    def _code(self, fence: str) -> Iterator[Block]:
        """Yield the code that waits where it is closed, or as much of it as is shown at once."""
        opening, *lines = _lines(self._rest)
        if lines and _closes(lines[-1], fence):
            yield self._block(self._rest, "fence")
            self._rest = ""
        elif len(lines) > _CODE_LINES and len(opening) < _OPENING:
            yield self._block("".join([opening, *lines[:_CODE_LINES], fence]), "code")
            self._rest = "".join([opening, *lines[_CODE_LINES:]])

    def _table(self) -> Iterator[Block]:
        """Yield the rows that wait where they are many."""
        head, underline, *rows = _lines(self._rest)
        if len(rows) > _ROWS and len(head) + len(underline) < _OPENING:
            yield self._block("".join([head, underline, *rows[:_ROWS]]), "table_open")
            self._rest = "".join([head, underline, *rows[_ROWS:]])

    def _force(self) -> Iterator[Block]:
        """Yield what waits, for it waits too long; of code and tables the rest goes on as such."""
        kind = _kind(self._rest)
        opening = "".join(_lines(self._rest)[: _OPENING_LINES.get(kind, 0)])
        goes_on = opening.endswith("\n") and len(opening) < min(_OPENING, len(self._rest))
        yield self._block(self._rest, "code" if goes_on else "")
        self._rest = opening if goes_on else ""

    def _block(self, source: str, kind: str) -> Block:
        """Return a block; items of a list stand close unless an empty line stands between them, and code goes on."""
        close = self._last in ("", "code") or self._last == kind == "list_item_open"
        self._last = f"{kind} and a gap" if source.endswith("\n\n") and kind == "list_item_open" else kind or "forced"
        return Block(source=source.rstrip("\n"), apart=not close)


def _begins_block(token: Token) -> bool:
    """Tell whether a block begins: at the top, or as an item of a list at the top."""
    if token.type in ("bullet_list_open", "ordered_list_open"):
        return False
    return token.map is not None and token.level == (1 if token.type == "list_item_open" else 0)


def _kind(source: str) -> str:
    return next((token.type for token in BLOCKS.parse(source) if _begins_block(token)), "")


def _closes(line: str, fence: str) -> bool:
    return re.fullmatch(rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*\n?", line) is not None


def _lines(text: str) -> list[str]:
    """Return the text's lines with their ends, as Markdown counts lines."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
