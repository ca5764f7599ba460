"""The window over a thread: its newest exchanges, whole, as many as there is room for."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

from msgspec import Struct

from retinue.context.chat import Json, to_chat
from retinue.core.item import Message, Placed
from retinue.core.position import DENSE
from retinue.core.tokens import estimate_message
from retinue.store import Scope

_PAGE = 200  # items read at a time, newest first


class Exchange(Struct, frozen=True):
    """A user's message and all that followed it, as chat messages."""

    chat: tuple[Json, ...]
    items: tuple[Placed, ...]
    messages: int
    """Of the items, how many are messages."""
    tokens: int
    """An estimate."""


class Window(Struct, frozen=True):
    """What fits, oldest first, and how many items of the thread were left out at its beginning."""

    exchanges: tuple[Exchange, ...]
    dropped: int

    @property
    def chat(self) -> list[Json]:
        """The chat messages in order."""
        return [message for exchange in self.exchanges for message in exchange.chat]

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """The positions of the items, as inclusive ranges."""
        placed = [item.position for exchange in self.exchanges for item in exchange.items]
        return ((placed[0], placed[-1]),) if placed else ()

    @property
    def tokens(self) -> int:
        """An estimate of all."""
        return sum(exchange.tokens for exchange in self.exchanges)


async def read_window(scope: Scope, branch: str, *, run: str, tokens: int, last_messages: int | None) -> Window:
    """Read the newest exchanges that fit into `tokens`, the newest one always; at most `last_messages` messages."""
    kept: list[Exchange] = []
    room, messages = tokens, last_messages
    async with contextlib.aclosing(_newest_first(scope, branch)) as exchanges:
        async for items in exchanges:
            exchange = _exchange(items, run=run, messages=messages)
            if kept and exchange.tokens > room:
                break
            kept.insert(0, exchange)
            room -= exchange.tokens
            if messages is not None and (messages := messages - exchange.messages) <= 0:
                break
    return Window(tuple(kept), await _count_before(scope, branch, kept[0].items[0].position) if kept else 0)


async def _count_before(scope: Scope, branch: str, position: int) -> int:
    """How many items stand before this one: its own position, unless it was imported, for then there are gaps."""
    return position if position < DENSE else await scope.messages.count_before(branch, position)


async def _newest_first(scope: Scope, branch: str) -> AsyncGenerator[list[Placed], None]:
    """Yield the items of each exchange, the newest exchange first; last what stands before the first question."""
    items: list[Placed] = []
    before: int | None = None
    while True:
        page = await scope.messages.window(branch, before=before, limit=_PAGE)
        for placed in page:
            items.insert(0, placed)
            if isinstance(placed.item, Message) and placed.item.role == "user":
                yield items
                items = []
        if len(page) < _PAGE:
            break
        before = page[-1].position
        await asyncio.sleep(0)  # a long thread must not hold up the others
    if items:
        yield items


def _exchange(items: Sequence[Placed], *, run: str, messages: int | None) -> Exchange:
    kept = _newest_messages(items, messages) if messages is not None else items
    chat = tuple(to_chat([placed.item for placed in kept], run=run))
    count = sum(isinstance(placed.item, Message) for placed in kept)
    return Exchange(chat, tuple(kept), count, sum(map(estimate_message, chat)))


def _newest_messages(items: Sequence[Placed], limit: int) -> Sequence[Placed]:
    """The items from the `limit`-th newest message on."""
    starts = [index for index, placed in enumerate(items) if isinstance(placed.item, Message)]
    return items if len(starts) <= limit else items[starts[-limit] :]
