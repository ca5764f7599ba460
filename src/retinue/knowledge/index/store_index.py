"""One vector store in memory, searched exactly."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from itertools import islice

from msgspec import Struct

from retinue.core.chunking import Grid
from retinue.knowledge.fusion import Scores
from retinue.knowledge.index.candidates import Candidates, Found, Fuse, Query
from retinue.knowledge.index.contents import Contents, nothing
from retinue.knowledge.index.gate import Gate
from retinue.knowledge.index.passages import Rows
from retinue.knowledge.index.windows import Windows
from retinue.knowledge.index.workers import Workers

CANDIDATES, CANDIDATES_EACH = 100, 4
"""Windows of each side, for each query, around which passages are looked at: at least, and for each one wanted.

Of the 20 best passages of 20,000 they hold all, of the 50 best 99 in 100, where all windows are looked at instead.
"""
RESCORED, RESCORED_EACH = 40, 2
"""Passages of which a window's stored vector is looked at: at least, and for each one wanted."""
AT_ONCE_FROM = 16_384
"""Windows; to look through fewer costs about what a second thread does."""

Likely = tuple[Candidates, dict[int, tuple[str, int]]]
"""Candidates, and the windows whose stored vectors may change their order: file and number, by place."""
Fetch = Callable[[Sequence[tuple[str, int]]], Awaitable[Sequence[bytes | None]]]
"""Returns the stored vectors of windows, by file and number; None for one that is no longer there."""


class Search(Struct, frozen=True, kw_only=True):
    """What is sought, and how much of it."""

    queries: Sequence[Query]
    """A passage counts for the query that it answers best."""
    limit: int
    threshold: float = 0.0
    """The score that a passage has to have."""
    documents: Collection[str] | None = None
    """Those that may be found; None: all."""
    fuse: Fuse


class StoreIndex:
    """Searches go side by side; each sees every file whole, as it was or as it is now. For one event loop."""

    def __init__(self, dimensions: int, workers: Workers, contents: Contents | None = None) -> None:
        self._workers = workers
        self.contents = contents or nothing(dimensions)
        """To be changed by `put` and `drop` alone."""
        self._gate = Gate()

    @property
    def nbytes(self) -> int:
        return self.contents.nbytes

    @property
    def documents(self) -> Collection[str]:
        """The ids of those that it holds."""
        return frozenset(document.id for document in self.contents.documents)

    @property
    def windows(self) -> int:
        return self.contents.documents.windows

    @property
    def changes(self) -> int:
        """Windows that have come and gone so far."""
        return 2 * len(self.contents.blocks) - self.windows

    @property
    def wasteful(self) -> bool:
        """Whether more of it is dead than alive, so that it is worth loading anew."""
        return self.contents.wasteful

    @property
    def sound(self) -> bool:
        """Whether it may still be used, after a change that failed."""
        return self.contents.sound

    async def put(self, document: str, grid: Grid, windows: Windows) -> None:
        """Take in a file whole, in place of what there was of it."""
        async with self._gate.alone():
            await self._workers.run(self.contents.put, document, grid, windows)

    async def drop(self, documents: Collection[str]) -> None:
        """Forget those of some files that are there."""
        async with self._gate.alone():
            await self._workers.run(self.contents.drop, documents)

    async def find(self, search: Search, fetch: Fetch) -> list[Found]:
        """Return the best passages, in their order."""
        if not search.queries or not search.limit:
            return []
        async with self._gate.shared():
            candidates, likely = await self._likely(search)
        if not likely:
            return []
        stored = await fetch(list(likely.values()))
        return await self._workers.run(_found, candidates, search, likely, stored)

    async def _likely(self, search: Search) -> Likely:
        """Look for candidates; in a large store by vectors and by words at once."""
        run, sides = self._workers.run, _Sides(self.contents, search)
        if self.windows < AT_ONCE_FROM:
            return await run(lambda: sides.likely(sides.nearest(), sides.wordiest()))
        return await run(sides.likely, *await asyncio.gather(run(sides.nearest), run(sides.wordiest)))


class _Sides:
    """The steps of looking for candidates, each for a thread."""

    def __init__(self, contents: Contents, search: Search) -> None:
        self._contents = contents
        self._search = search
        self._count = max(CANDIDATES, CANDIDATES_EACH * search.limit)

    def nearest(self) -> list[Rows]:
        return self._contents.nearest(self._search.queries, self._count, self._search.documents)

    def wordiest(self) -> list[tuple[Rows, Scores]]:
        return self._contents.wordiest(self._search.queries, self._count, self._search.documents)

    def likely(self, nearest: list[Rows], wordiest: list[tuple[Rows, Scores]]) -> Likely:
        candidates = self._contents.candidates(self._search.queries, nearest, wordiest)
        count = max(RESCORED, RESCORED_EACH * self._search.limit)
        return candidates, candidates.likely(self._search.fuse, count) if candidates.passages else {}


def _found(
    candidates: Candidates, search: Search, likely: Iterable[int], stored: Sequence[bytes | None]
) -> list[Found]:
    found = candidates.with_stored(likely, stored).found(search.fuse, search.threshold)
    return list(islice(found, search.limit))
