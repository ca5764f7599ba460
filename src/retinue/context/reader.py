"""Reads as much of a thread, the newest first, as there is room for in the window of a run."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from retinue.context import exchange
from retinue.context.chat import pieces_of, pieces_of_messages
from retinue.context.exchange import Exchange
from retinue.context.filling import Earlier, Filling
from retinue.context.outputs import DENSEST
from retinue.context.window import Beside, Bounds, Window
from retinue.core.history import History
from retinue.core.item import Placed, Said, ToolCall
from retinue.core.turn import Manifest
from retinue.models.tokens import Counter
from retinue.models.tokens.messages import PER_MESSAGE
from retinue.store import Branch, Scope

_PAGES = (16, 256)
"""Items that are read at first, and at most at a time: each page is twice the one before."""
_LONG = 512
"""Items of an exchange from which on no more of it is read once what was said in it surely has no room."""

Whole = Callable[[Sequence[Placed], int], Awaitable[Sequence[Placed]]]
"""Puts outputs that are kept as blobs in their places, as far as they may have room among so many tokens."""


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
        filling = Filling(self._counter, beside, bounds.tokens, Earlier.like(manifest, bounds.tokens))
        async with contextlib.aclosing(self._newest_first(branch, newest, size, bounds.tokens)) as pages:
            left = bounds.messages
            async for page in pages:
                wanted, left = (page, None) if left is None else _newest_messages(page, left)
                if await self._fill(filling, wanted, bounds) or left == 0:
                    break
        return filling.window(branch.items)

    async def _fill(self, filling: Filling, page: Sequence[Sequence[Placed]], bounds: Bounds) -> bool:
        """Take the exchanges of a page, and return whether no more are wanted.

        Nothing is awaited for one that plainly has room: there may be thousands.
        """
        for items in page:
            shown = self._of_messages(items) or await self._of_rounds(items, bounds.tokens)
            if not filling.take(shown):
                await filling.make_room_for(shown)
            if filling.full or len(filling.kept) == bounds.exchanges:
                return True
        return False

    async def _manifest_before(self, newest: Sequence[Placed], *, whole: bool) -> Manifest | None:
        """The manifest of the turn before, of this run or an earlier one; a whole thread without replies had none."""
        if turns := self._history.turns:
            return turns[-1].manifest
        if whole and all(placed.item.run_id in (None, self._run.id) for placed in newest):
            return None
        return await self._scope.turns.manifest_before(self._run)

    def _of_messages(self, items: Sequence[Placed]) -> Exchange | None:
        pieces = pieces_of_messages(items, run=self._run.id)
        return None if pieces is None else exchange.bounded(items, pieces, self._counter)

    async def _of_rounds(self, items: Sequence[Placed], tokens: int) -> Exchange:
        items = await self._whole(items, tokens)
        return exchange.bounded(items, tuple(pieces_of(items, run=self._run.id)), self._counter)

    async def _newest_first(
        self, branch: Branch, page: Sequence[Placed], size: int, tokens: int
    ) -> AsyncGenerator[list[list[Placed]], None]:
        """Yield by pages the items of each exchange, the newest first; last what stands before the first question.

        `page` is the first of the branch, of at most `size` items.

        A long exchange in which more was said than so many tokens is the last, and without its beginning: nothing
        bounds how many replies a client puts into a thread. One that is long of rounds of calls is read whole.
        """
        items: list[Placed] = []
        said = 0
        while True:
            whole = []
            for placed in page:
                items.append(placed)
                if isinstance(placed.item, Said) and placed.item.role == "user":
                    items.reverse()
                    whole.append(items)
                    items, said = [], 0
            if whole:
                yield whole
            said += _said_at_least(items[-len(page) :])
            if len(page) < size or (len(items) > _LONG and said > tokens):
                break
            size = min(2 * size, _PAGES[1])
            await asyncio.sleep(0)  # a long thread must not hold up the others
            page = await self._scope.messages.window(branch, before=page[-1].position, limit=size)
        if items:
            yield [items[::-1]]


def _first_page(bounds: Bounds) -> int:
    """How many items to read at first: where only so many messages are wanted, those and the question before them."""
    return _PAGES[0] if bounds.messages is None else min(bounds.messages + 1, _PAGES[1])


def _said_at_least(newest_first: Sequence[Placed]) -> int:
    """The fewest tokens, roughly, of the messages among these items that are not the beginning of a round of calls."""
    pairs = zip(newest_first[1:], newest_first, strict=False)
    said = [p.item for p, after in pairs if isinstance(p.item, Said) and not isinstance(after.item, ToolCall)]
    return sum(PER_MESSAGE + len(message.text) // DENSEST for message in said if message.status == "completed")


def _newest_messages(page: Sequence[Sequence[Placed]], left: int) -> tuple[Sequence[Sequence[Placed]], int]:
    """The exchanges of a page from their `left`-th newest message on, and how many messages are wanted after them."""
    kept = []
    for items in page:
        if left:
            starts = [index for index, placed in enumerate(items) if isinstance(placed.item, Said)]
            kept.append(items if len(starts) <= left else items[starts[-left] :])
            left -= min(len(starts), left)
    return kept, left
