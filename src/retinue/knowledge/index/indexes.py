"""The indexes that are in memory: loaded when they are first asked for, and no more of them than a bound allows."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import aclosing

from msgspec import Struct

from retinue.core.chunking import Grid
from retinue.knowledge.index.saved import SavedIndexes
from retinue.knowledge.index.store_index import StoreIndex
from retinue.knowledge.index.windows import Windows
from retinue.knowledge.index.workers import Workers

SAVED_FROM = 4_096
"""Windows; a smaller index is as soon made anew."""
SAVED_AGAIN = 1 / 4
"""Of an index's windows have to have changed since it was saved."""


class Changes(Struct, frozen=True, kw_only=True):
    """What has become of a vector store since a version."""

    version: int
    """The one that it has with these changes."""
    dropped: Collection[str]
    """Files that are no longer there."""
    files: AsyncGenerator[tuple[str, Grid, Windows], None]
    """Those that came or were made anew, each whole."""


Load = Callable[[int, Collection[str]], Awaitable[Changes]]
"""Tells what has changed since a version, of which these files are held; since 0, all there is."""


class Indexes:
    """Those that were not asked for the longest leave first. One that is larger than the bound stays alone.

    A search may go on with an index that has left: it keeps what it has until it ends. For one event loop.
    """

    def __init__(self, *, bound: int, workers: Workers, saved: SavedIndexes | None = None) -> None:
        """`bound` is in bytes. Large indexes are saved too, if there is where."""
        self._bound = bound
        self._workers = workers
        self._saved = saved
        self._saving = set[asyncio.Task[None]]()
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

        One that is behind catches up by the changes alone. Raises what `load` raises; then nothing of a first load is
        kept, and of a later one whole files.
        """
        while True:
            held = self._asked_for(key)
            if held.index and held.version >= version:
                return held.index
            async with held.turn:
                if not self._holds(key, held):
                    continue  # it was let go while others had their turn
                if held.index is None or held.version < version:
                    held.index = await self._up_to_date(key, held, version, dimensions, load)
                return held.index

    async def forget(self, key: str) -> None:
        """Let a store go that was deleted, and what was saved of it."""
        self._let_go(key)
        if self._saved:
            await self._saved.remove(key)

    async def saved(self) -> None:
        """Wait until what is being saved is."""
        await asyncio.gather(*self._saving)

    def _asked_for(self, key: str) -> "_Held":
        held = self._held.setdefault(key, _Held())
        self._held.move_to_end(key)
        return held

    def _holds(self, key: str, held: "_Held") -> bool:
        return self._held.get(key) is held

    def _let_go(self, key: str) -> None:
        if held := self._held.pop(key, None):
            self._nbytes -= held.nbytes

    async def _up_to_date(self, key: str, held: "_Held", version: int, dimensions: int, load: Load) -> StoreIndex:
        index, since = held.index, held.version
        if index is None:
            index, since = await self._begun(key, held, version, dimensions)
        await self._catch_up(key, held, index, since, load)
        if index.wasteful:
            index, held.saved_changes = StoreIndex(dimensions, self._workers), 0
            await self._catch_up(key, held, index, 0, load)
        await self._save_if_worthwhile(key, held, index)
        return index

    async def _catch_up(self, key: str, held: "_Held", index: StoreIndex, since: int, load: Load) -> None:
        try:
            changes = await load(since, index.documents)
            async with aclosing(changes.files):
                if changes.dropped:
                    await index.drop(changes.dropped)
                async for document, grid, windows in changes.files:
                    await index.put(document, grid, windows)
                    self._weigh(key, held, index)
        except BaseException:
            if held.index and held.index.sound:
                self._weigh(key, held, held.index)
            elif self._holds(key, held):
                self._let_go(key)
            raise
        held.version = changes.version
        self._weigh(key, held, index)

    async def _begun(self, key: str, held: "_Held", version: int, dimensions: int) -> tuple[StoreIndex, int]:
        """Return an index to load into, and its version: what was saved, or else nothing."""
        held.saved_changes = 0
        found = await self._saved.open(key, dimensions) if self._saved else None
        held.lies_saved = found is not None
        if not found or found[0] > version:  # of a later version: of a database before it was restored
            return StoreIndex(dimensions, self._workers), 0
        index = StoreIndex(dimensions, self._workers, found[1])
        held.saved_changes = index.changes
        return index, found[0]

    def _weigh(self, key: str, held: "_Held", index: StoreIndex) -> None:
        """Note how large an index is now, and let others leave if that is too much."""
        if not self._holds(key, held):
            return
        self._nbytes += index.nbytes - held.nbytes
        held.nbytes = index.nbytes
        for other in list(self._held):
            if self._nbytes <= self._bound:
                return
            if other != key and not self._held[other].turn.locked():
                self._let_go(other)

    async def _save_if_worthwhile(self, key: str, held: "_Held", index: StoreIndex) -> None:
        """Save an index that has changed much, in its own time; of one that has become small nothing stays saved."""
        if not self._saved:
            return
        if index.windows < SAVED_FROM:
            if held.lies_saved:
                await self._saved.remove(key)
                held.lies_saved, held.saved_changes = False, 0
            return
        if not held.savable or index.changes - held.saved_changes < SAVED_AGAIN * index.windows:
            return
        held.saved_changes = index.changes
        saving = asyncio.create_task(self._save(self._saved, key, held))
        self._saving.add(saving)
        saving.add_done_callback(self._saving.discard)

    async def _save(self, saved: SavedIndexes, key: str, held: "_Held") -> None:
        async with held.turn:  # nobody changes it meanwhile
            if self._holds(key, held) and held.index and held.index.windows >= SAVED_FROM:
                held.lies_saved = True
                held.savable = await saved.save(key, held.version, held.index.contents)
                self._weigh(key, held, held.index)  # its words lie in files now


class _Held:
    """A place for an index."""

    def __init__(self) -> None:
        self.index: StoreIndex | None = None
        """None until it has been loaded once."""
        self.version = 0
        self.nbytes = 0
        self.saved_changes = 0
        """`StoreIndex.changes` when it was last saved."""
        self.lies_saved = False
        """Whether something of it may lie in a folder."""
        self.savable = True
        """False once it could not be: parts of it are taken for saved that are not."""
        self.turn = asyncio.Lock()
        """Of who brings it up to date, or saves it."""
