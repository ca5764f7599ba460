"""The window over a thread: its newest exchanges, whole, as many as there is room for.

A provider's cache holds the beginning of a prompt, so a window that moved by a message each turn would never meet it.
It moves in steps: while everything since its last start has room, it starts there again; when it hasn't, exchanges are
dropped down to three quarters of the room. Where it started is in the manifest of the turn before, so nothing is
remembered beside what is stored, and a call that is repeated after a crash is the same call.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from msgspec import Struct

from retinue.context import exchange
from retinue.context.chat import Json, pieces_of
from retinue.context.exchange import Exchange, Ranges, TooLarge
from retinue.context.outputs import DENSEST
from retinue.core.history import History
from retinue.core.item import Message, Placed, ToolCall
from retinue.core.turn import Manifest
from retinue.models.tokens import Counter
from retinue.models.tokens.messages import PER_MESSAGE
from retinue.store import Branch, Scope

_PAGES = (16, 512)
"""Items that are read at first, and at most at a time: each page is twice the one before."""
_LONG = 512
"""Items of an exchange from which on no more of it is read once what was said in it surely has no room."""
_LIKE = 4, 3
"""A window starts where an earlier one did only if that had at least three quarters of its room."""

Whole = Callable[[Sequence[Placed], int], Awaitable[Sequence[Placed]]]
"""Puts outputs that are kept as blobs in their places, as far as they may have room among so many tokens."""


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
    def ranges(self) -> Ranges:
        """The positions of what is sent, as inclusive ranges: one, unless rounds are missing amid it."""
        ranges: list[tuple[int, int]] = []
        for shown in self.exchanges:
            first, *more = shown.ranges
            begin = ranges.pop()[0] if ranges else first[0]
            ranges += [(begin, first[1]), *more]
        return tuple(ranges)


class _Earlier(Struct, frozen=True):
    """Where a window before left something out for want of room."""

    start: int | None = None
    """Its beginning, if that was the reason for it: a bound that a run or the settings set does not outlast them."""
    rests: tuple[int, ...] = ()
    """Where it begins again after something that was left out: its beginning, and those of rounds amid it."""


class Reader:
    """Reads the window of one run."""

    def __init__(self, scope: Scope, history: History, *, counter: Counter, whole: Whole) -> None:
        self._scope, self._history, self._run = scope, history, history.run
        self._counter, self._whole = counter, whole

    async def read(self, bounds: Bounds, beside: Beside) -> Window:
        """Return the newest exchanges within the bounds, the newest always; raises TooLarge if that has no room.

        Nothing is counted that surely has room, and nothing read that surely has none.
        """
        branch = await self._scope.messages.branch(self._run.branch)
        size = _first_page(bounds)
        newest = await self._scope.messages.window(branch, before=None, limit=size)
        manifest = await self._manifest_before(newest, whole=len(newest) < size)
        filling = _Filling(self._counter, beside, bounds.tokens, _earlier_like(manifest, bounds.tokens))
        messages = bounds.messages
        async with contextlib.aclosing(self._newest_first(branch, newest, size, bounds.tokens)) as found:
            async for items in found:
                kept = items if messages is None else _newest_messages(items, messages)
                await filling.add(await self._bounded(kept, bounds.tokens))
                messages = None if messages is None else messages - filling.kept[-1].messages
                if filling.full or messages == 0 or len(filling.kept) == bounds.exchanges:
                    break
        return filling.window(branch.items)

    async def _manifest_before(self, newest: Sequence[Placed], *, whole: bool) -> Manifest | None:
        """The manifest of the turn before, of this run or an earlier one; a whole thread without replies had none."""
        if turns := self._history.turns:
            return turns[-1].manifest
        if whole and all(placed.item.run_id in (None, self._run.id) for placed in newest):
            return None
        return await self._scope.turns.manifest_before(self._run)

    async def _bounded(self, items: Sequence[Placed], tokens: int) -> Exchange:
        items = await self._whole(items, tokens)
        return exchange.bounded(items, tuple(pieces_of(items, run=self._run.id)), self._counter)

    async def _newest_first(
        self, branch: Branch, page: Sequence[Placed], size: int, tokens: int
    ) -> AsyncGenerator[list[Placed], None]:
        """Yield the items of each exchange, the newest exchange first; last what stands before the first question.

        `page` is the first of the branch, of at most `size` items.

        A long exchange in which more was said than so many tokens is the last, and without its beginning: nothing
        bounds how many replies a client puts into a thread. One that is long of rounds of calls is read whole.
        """
        items: list[Placed] = []
        said = 0
        while True:
            for placed in page:
                items.append(placed)
                if isinstance(placed.item, Message) and placed.item.role == "user":
                    yield items[::-1]
                    items, said = [], 0
            said += _said_at_least(items[-len(page) :])
            if len(page) < size or (len(items) > _LONG and said > tokens):
                break
            size = min(2 * size, _PAGES[1])
            await asyncio.sleep(0)  # a long thread must not hold up the others
            page = await self._scope.messages.window(branch, before=page[-1].position, limit=size)
        if items:
            yield items[::-1]


class _Filling:
    """A window that is being filled, the newest exchange first."""

    def __init__(self, counter: Counter, beside: Beside, tokens: int, earlier: _Earlier) -> None:
        self._counter, self._beside, self._tokens, self._earlier = counter, beside, tokens, earlier
        self._total = self._fixed = beside.bound
        self._short = False
        self.kept: list[Exchange] = []

    async def add(self, found: Exchange) -> None:
        """Take one more exchange, if there is room; raises TooLarge for the newest."""
        if not self._has_room_for(found):
            await self._count()
        if not self.kept:
            room = self._tokens - self._fixed
            self._keep(await exchange.fitted(found, room, self._counter, rounds_from=self._rounds_from(found)))
        elif (older := await self._older(found)) is not None:
            self._keep(older)

    @property
    def full(self) -> bool:
        """Whether to take no more: there is no room, or the window before began here for want of it."""
        return self._short or (self._earlier.start is not None and self.kept[-1].start <= self._earlier.start)

    def window(self, items: int) -> Window:
        """Return what was taken, oldest first, of a thread of so many items."""
        return Window(
            exchanges=tuple(reversed(self.kept)),
            tokens=self._total,
            short=bool(self.kept) and (self.full or self.kept[-1].begins_late),
            dropped=max(items - sum(shown.sent for shown in self.kept), 0),
        )

    def _has_room_for(self, found: Exchange) -> bool:
        return self._total + found.tokens <= self._tokens

    def _keep(self, shown: Exchange) -> None:
        self.kept.append(shown)
        self._total += shown.tokens

    async def _count(self) -> None:
        """Count what was only bounded until now: it matters."""
        self._fixed = await self._beside.count()
        self.kept = [await exchange.counted(shown, self._counter) for shown in self.kept]
        self._total = self._fixed + sum(shown.tokens for shown in self.kept)

    async def _older(self, found: Exchange) -> Exchange | None:
        """The exchange as it has room; None, and some of those that were taken are dropped, if it has none."""
        room = self._tokens - self._total
        older = await exchange.whole(found, room, self._counter) or await self._halved(found, room)
        if older is None:
            self._short = True
            while len(self.kept) > 1 and self._total - self._fixed > (self._tokens - self._fixed) * 3 // 4:
                self._total -= self.kept.pop().tokens
        return older

    async def _halved(self, found: Exchange, room: int) -> Exchange | None:
        """The exchange in half of the window, so that a giant output does not take all that was said out with it."""
        half = (self._tokens - self._fixed) // 2
        with contextlib.suppress(TooLarge):
            made = await exchange.fitted(found, half, self._counter, rounds_from=self._rounds_from(found))
            return await exchange.whole(made, room, self._counter)
        return None

    def _rounds_from(self, found: Exchange) -> int | None:
        """Where what was sent of the exchange before begins after its question, if rounds were left out then."""
        inside = [first for first in self._earlier.rests if found.start < first <= found.items[-1].position]
        return inside[-1] if inside else None


def _first_page(bounds: Bounds) -> int:
    """How many items to read at first: where only so many messages are wanted, those and the question before them."""
    return _PAGES[0] if bounds.messages is None else min(bounds.messages + 1, _PAGES[1])


def _earlier_like(before: Manifest | None, tokens: int) -> _Earlier:
    """What the window before left out, if it had about as much room."""
    if before is None or not (before.dropped and before.items) or before.room * _LIKE[0] < tokens * _LIKE[1]:
        return _Earlier()
    (start, _), *others = before.items
    rests = tuple(first for first, _ in others)
    return _Earlier(start, (start, *rests)) if before.short else _Earlier(rests=rests)


def _said_at_least(newest_first: Sequence[Placed]) -> int:
    """The fewest tokens, roughly, of the messages among these items that are not the beginning of a round of calls."""
    pairs = zip(newest_first[1:], newest_first, strict=False)
    said = [p.item for p, after in pairs if isinstance(p.item, Message) and not isinstance(after.item, ToolCall)]
    return sum(PER_MESSAGE + len(message.text) // DENSEST for message in said if message.status == "completed")


def _newest_messages(items: Sequence[Placed], limit: int) -> Sequence[Placed]:
    """The items from the `limit`-th newest message on."""
    starts = [index for index, placed in enumerate(items) if isinstance(placed.item, Message)]
    return items if len(starts) <= limit else items[starts[-limit] :]
