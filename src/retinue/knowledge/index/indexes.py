"""The indexes that are in memory: loaded when they are first asked for, and never more than a bound allows."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import aclosing

from msgspec import Struct

from retinue.core.chunking import Grid
from retinue.core.vector_store import Slab
from retinue.knowledge.index.store_index import StoreIndex
from retinue.knowledge.index.workers import Workers


class Changes(Struct, frozen=True, kw_only=True):
    """What has become of a vector store since a version."""

    version: int
    """The one that it has with these changes."""
    dropped: Collection[str]
    """Files that are no longer there."""
    files: AsyncGenerator[tuple[str, Grid, Sequence[Slab]], None]
    """Those that came or were made anew, each whole."""


Load = Callable[[int], Awaitable[Changes]]
"""Tells what has changed since a version; since 0, all there is."""


class Indexes:
    """Those that were not asked for the longest leave first. One that is larger than the bound stays alone.

    A search may go on with an index that has left: it keeps what it has until it ends. For one event loop.
    """

    def __init__(self, *, bound: int, workers: Workers) -> None:
        """`bound` is in bytes."""
        self._bound = bound
        self._workers = workers
        self._held: OrderedDict[str, _Held] = OrderedDict()
        """The one that was asked for last is the last."""
        self._nbytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, key: str) -> bool:
        return key in self._held

    @property
    def nbytes(self) -> int:
        return self._nbytes

    async def get(self, key: str, *, version: int, dimensions: int, load: Load) -> StoreIndex:
        """Return a vector store's index, at this version or a later one.

        One that is behind catches up by the changes alone. Raises what `load` raises, and BadSlab; then nothing of a
        first load is kept, and of a later one whole files.
        """
        while True:
            held = self._asked_for(key)
            if held.index and held.version >= version:
                return held.index
            async with held.turn:
                if self._held.get(key) is held:  # it may have been forgotten meanwhile
                    return await self._caught_up(key, held, version, dimensions, load)

    def forget(self, key: str) -> None:
        """Let a store go that was deleted."""
        if held := self._held.pop(key, None):
            self._nbytes -= held.nbytes

    def _asked_for(self, key: str) -> "_Held":
        held = self._held.setdefault(key, _Held())
        self._held.move_to_end(key)
        return held

    async def _caught_up(self, key: str, held: "_Held", version: int, dimensions: int, load: Load) -> StoreIndex:
        if held.index and held.version >= version:  # by who was here before
            return held.index
        try:
            index, since = held.index, held.version
            if index is None or index.wasteful:
                index, since = StoreIndex(dimensions, self._workers), 0
            changes = await load(since)
            async with aclosing(changes.files):
                await index.drop(changes.dropped)
                async for file_id, grid, slabs in changes.files:
                    await index.put(file_id, grid, slabs)
                    self._weigh(key, held, index)
            held.index, held.version = index, changes.version
        except BaseException:
            if held.index and held.index.sound:
                self._weigh(key, held, held.index)
            elif self._held.get(key) is held:
                self.forget(key)
            raise
        self._weigh(key, held, index)
        return index

    def _weigh(self, key: str, held: "_Held", index: StoreIndex) -> None:
        """Note how large an index is now, and let others leave if that is too much."""
        if self._held.get(key) is not held:
            return
        self._nbytes += index.nbytes - held.nbytes
        held.nbytes = index.nbytes
        for other in list(self._held):
            if self._nbytes <= self._bound:
                return
            if other != key and not self._held[other].turn.locked():
                self.forget(other)


class _Held:
    """A place for an index."""

    def __init__(self) -> None:
        self.index: StoreIndex | None = None
        """None until it has been loaded once."""
        self.version = 0
        self.nbytes = 0
        self.turn = asyncio.Lock()
        """Of who brings it up to date."""
