"""A window that is being filled."""

import contextlib

from msgspec import Struct

from retinue.context import exchange
from retinue.context.exchange import Exchange, TooLarge
from retinue.context.window import Beside, Window
from retinue.core.turn import Manifest
from retinue.models.tokens import Counter

_LIKE = 4, 3
"""A window starts where an earlier one did only if that had at least three quarters of its room."""


class Earlier(Struct, frozen=True):
    """Where a window before left something out for want of room."""

    start: int | None = None
    """Its beginning, if that was the reason for it: a bound that a run or the settings set does not outlast them."""
    rests: tuple[int, ...] = ()
    """Where it begins again after something that was left out: its beginning, and those of rounds amid it."""

    @classmethod
    def like(cls, before: Manifest | None, tokens: int) -> "Earlier":
        """Return what the window before left out, if it had about as much room."""
        if before is None or not (before.dropped and before.items) or before.room * _LIKE[0] < tokens * _LIKE[1]:
            return cls()
        (start, _), *others = before.items
        rests = tuple(first for first, _ in others)
        return cls(start, (start, *rests)) if before.short else cls(rests=rests)


class Filling:
    """A window that is being filled, the newest exchange first."""

    def __init__(self, counter: Counter, beside: Beside, tokens: int, earlier: Earlier) -> None:
        self._counter, self._beside, self._tokens, self._earlier = counter, beside, tokens, earlier
        self._total = self._fixed = beside.bound
        self._short = False
        self._counted = 0  # of those that were kept, the newest
        self.kept: list[Exchange] = []

    def take(self, found: Exchange) -> bool:
        """Take one more exchange if all of it surely has room; return whether it was taken."""
        if self._total + found.tokens > self._tokens:
            return False
        self._keep(found)
        return True

    async def make_room_for(self, found: Exchange) -> None:
        """Take one more exchange if it has room after all; raises TooLarge for the newest."""
        await self._count_until_there_is_room_for(found)
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

    def _keep(self, shown: Exchange) -> None:
        self.kept.append(shown)
        self._total += shown.tokens

    async def _count_until_there_is_room_for(self, found: Exchange) -> None:
        """Count what was only bounded until now, no more of it than matters."""
        if not self._counted:
            bound, self._fixed = self._fixed, await self._beside.count()
            self._total += self._fixed - bound
        while self._counted < len(self.kept) and self._total + found.tokens > self._tokens:
            bounded = self.kept[self._counted]
            self.kept[self._counted] = counted = await exchange.counted(bounded, self._counter)
            self._total += counted.tokens - bounded.tokens
            self._counted += 1

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
