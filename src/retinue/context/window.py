"""The window over a thread: its newest exchanges, whole, as many as there is room for.

A provider's cache holds the beginning of a prompt, so a window that moved by a message each turn would never meet it.
It moves in steps: while everything since its last start has room, it starts there again; when it hasn't, exchanges are
dropped down to three quarters of the room. Where it started is in the manifest of the turn before, so nothing is
remembered beside what is stored, and a call that is repeated after a crash is the same call.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct

from retinue.context.chat import Json
from retinue.context.exchange import Exchange, Ranges
from retinue.core.item import ToolOutput


class Bounds(Struct, frozen=True, kw_only=True):
    """How much of a thread a window may show."""

    tokens: int
    """With what is sent beside the thread."""
    messages: int | None = None
    exchanges: int | None = None


class Beside(Struct, frozen=True, kw_only=True):
    """What is sent beside the thread in every turn: its tokens at most, and a way to count them."""

    bound: int
    count: Callable[[], Awaitable[int]]


class Window(Struct, frozen=True, kw_only=True):
    """What is sent, oldest first."""

    exchanges: tuple[Exchange, ...]
    tokens: int
    """Of all, what is sent beside the thread included: counted, or at most."""
    short: bool
    """Whether it begins where it does because there is no room for more, or was none in the turn before."""
    dropped: int
    """How many of the thread's items are not among what is sent."""

    @property
    def chat(self) -> list[Json]:
        """The chat messages in order."""
        return [message for shown in self.exchanges for piece in shown.pieces for message in piece.chat]

    @property
    def citable(self) -> list[ToolOutput]:
        """What file searches found, and where code wrote files, that is among what is sent."""
        pieces = (piece for shown in self.exchanges for piece in shown.pieces if piece.outputs)
        return [output for piece in pieces for output in piece.outputs if output.hits or output.files]

    @property
    def ranges(self) -> Ranges:
        """The positions of what is sent, as inclusive ranges: one, unless rounds are missing amid it."""
        if not self.exchanges:
            return ()
        ranges: list[tuple[int, int]] = []
        begin = self.exchanges[0].ranges[0][0]
        for shown in self.exchanges:
            if shown.rounds and len(shown.ranges) > 1:
                (_, question), (rest, _) = shown.ranges
                ranges.append((begin, question))
                begin = rest
        return (*ranges, (begin, self.exchanges[-1].end))
