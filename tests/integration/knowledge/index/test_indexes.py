"""Indexes that come and go, each against what its store holds."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence

import pytest

from knowledge.index.truth import DIMENSIONS, File, Truth, file_of, fuse, query_of
from retinue.core.chunking import Grid
from retinue.core.vector_store import Slab
from retinue.knowledge.index import contents
from retinue.knowledge.index.candidates import Found
from retinue.knowledge.index.indexes import Changes, Indexes
from retinue.knowledge.index.store_index import Search, StoreIndex
from retinue.knowledge.index.workers import Workers

ROOMY = 1 << 30


class Table:
    """A vector store in the database: what it holds, what changed when, and how often it was read."""

    def __init__(self, key: str, *files: int) -> None:
        self.key = key
        self.truth = Truth()
        self.version = 0
        self.changed: dict[str, int] = {}
        self.reads: list[int] = []
        """The version since which each reading was."""
        self.files_read = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.fails = False
        for seed in files:
            self.put(f"file-{seed}", file_of(seed, 12))

    def put(self, name: str, file: File) -> None:
        self.version += 1
        self.truth.files[name] = file
        self.changed[name] = self.version

    def drop(self, name: str) -> None:
        self.version += 1
        del self.truth.files[name]
        self.changed[name] = self.version

    async def load(self, since: int, _held: Collection[str]) -> Changes:
        self.reads.append(since)
        changed = [name for name, version in self.changed.items() if version > since]
        gone = [name for name in changed if name not in self.truth.files]
        return Changes(version=self.version, dropped=gone, files=self.read([n for n in changed if n not in gone]))

    async def read(self, names: list[str]) -> AsyncGenerator[tuple[str, Grid, Sequence[Slab]], None]:
        for name in names:
            await self.go_on.wait()
            self.files_read += 1
            yield name, self.truth.files[name].grid, self.truth.files[name].slabs
            if self.fails:
                raise ConnectionError("the database went away")

    async def index_in(self, indexes: Indexes) -> StoreIndex:
        return await indexes.get(self.key, version=self.version, dimensions=DIMENSIONS, load=self.load)

    async def found_in(self, indexes: Indexes) -> list[Found]:
        index = await self.index_in(indexes)
        return await index.find(Search(queries=[query_of(5)], limit=50, fuse=fuse), self.truth.fetch)


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers(2)
    yield made
    made.close()


@pytest.fixture
def indexes(workers: Workers) -> Indexes:
    return Indexes(bound=ROOMY, workers=workers)


async def found_afresh(table: Table, workers: Workers) -> list[Found]:
    return await table.found_in(Indexes(bound=ROOMY, workers=workers))


async def test_an_index_is_loaded_once(indexes: Indexes) -> None:
    table = Table("vs_1", 1, 2, 3)
    first, *others = await asyncio.gather(*(table.index_in(indexes) for _ in range(10)))
    assert all(other is first for other in others)
    assert table.reads == [0]


async def test_one_that_is_behind_catches_up_by_the_changes_alone(indexes: Indexes, workers: Workers) -> None:
    table = Table("vs_1", *range(8))
    index = await table.index_in(indexes)
    table.put("file-2", file_of(99, 20))
    table.drop("file-3")
    table.put("file-new", file_of(98, 5))
    assert await table.index_in(indexes) is index
    assert table.reads == [0, 8]
    assert table.files_read == 8 + 2
    assert await table.found_in(indexes) == await found_afresh(table, workers)


async def test_an_earlier_version_is_not_loaded_again(indexes: Indexes) -> None:
    table = Table("vs_1", 1, 2)
    index = await table.index_in(indexes)
    assert await indexes.get("vs_1", version=1, dimensions=DIMENSIONS, load=table.load) is index
    assert table.reads == [0]


async def test_others_are_searched_while_one_is_loaded(indexes: Indexes) -> None:
    slow, quick = Table("vs_slow", 1, 2), Table("vs_quick", 3)
    slow.go_on.clear()
    loading = asyncio.create_task(slow.index_in(indexes))
    assert await quick.found_in(indexes)
    assert not loading.done()
    slow.go_on.set()
    await loading


async def test_an_index_is_searched_as_it_was_while_it_catches_up(indexes: Indexes) -> None:
    table = Table("vs_1", 1)
    index = await table.index_in(indexes)
    search = Search(queries=[query_of(5)], limit=50, fuse=fuse)
    before = await index.find(search, table.truth.fetch)
    table.put("file-2", file_of(2, 12))
    table.go_on.clear()
    catching_up = asyncio.create_task(table.index_in(indexes))
    assert await index.find(search, table.truth.fetch) == before
    table.go_on.set()
    await catching_up
    assert len(await index.find(search, table.truth.fetch)) > len(before)


async def test_of_a_first_load_that_fails_nothing_stays(indexes: Indexes) -> None:
    table = Table("vs_1", 1, 2)
    table.fails = True
    outcomes = await asyncio.gather(*(table.index_in(indexes) for _ in range(3)), return_exceptions=True)
    assert all(isinstance(outcome, ConnectionError) for outcome in outcomes)
    assert "vs_1" not in indexes
    assert indexes.nbytes == 0
    table.fails = False
    assert await table.found_in(indexes)


async def test_catching_up_after_a_failure_begins_where_it_was(indexes: Indexes, workers: Workers) -> None:
    table = Table("vs_1", 1, 2)
    await table.index_in(indexes)
    table.put("file-1", file_of(70, 9))
    table.put("file-3", file_of(71, 9))
    table.fails = True
    with pytest.raises(ConnectionError):
        await table.index_in(indexes)
    table.fails = False
    assert await table.found_in(indexes) == await found_afresh(table, workers)
    assert table.reads == [0, 2, 2, 0]


async def test_who_gives_up_waiting_for_a_load_leaves_nothing_half_done(indexes: Indexes) -> None:
    table = Table("vs_1", 1, 2)
    table.go_on.clear()
    waiting = [asyncio.create_task(table.index_in(indexes)) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    table.go_on.set()
    index = await waiting[1]
    assert len(await index.find(Search(queries=[query_of(5)], limit=50, fuse=fuse), table.truth.fetch)) > 5


async def test_two_stores_with_the_same_words_never_weigh_in_each_others_scores(indexes: Indexes) -> None:
    one, other = Table("project-a/vs_1", 1, 2), Table("project-b/vs_1", *range(1, 9))
    alone = await one.found_in(indexes)
    await other.found_in(indexes)
    assert await one.found_in(indexes) == alone


async def test_those_not_asked_for_the_longest_leave(workers: Workers) -> None:
    tables = [Table(f"vs_{number}", 1) for number in range(6)]
    room = Indexes(bound=ROOMY, workers=workers)
    for table in tables[:3]:
        await table.index_in(room)
    indexes = Indexes(bound=room.nbytes, workers=workers)
    for number in (0, 1, 2, 0, 3):
        await tables[number].index_in(indexes)
    assert [table.key for table in tables if table.key in indexes] == ["vs_0", "vs_2", "vs_3"]
    assert indexes.nbytes <= room.nbytes


async def test_a_store_larger_than_the_bound_still_works_alone(workers: Workers) -> None:
    small, large = Table("vs_small", 1), Table("vs_large", *range(10))
    indexes = Indexes(bound=6_000, workers=workers)
    await small.index_in(indexes)
    assert await large.found_in(indexes) == await found_afresh(large, workers)
    assert "vs_small" not in indexes
    await small.index_in(indexes)
    assert "vs_large" not in indexes


async def test_a_store_that_leaves_while_it_is_searched_answers_to_the_end(indexes: Indexes) -> None:
    table = Table("vs_1", 1, 2, 3)
    index = await table.index_in(indexes)
    search = Search(queries=[query_of(5)], limit=50, fuse=fuse)
    before = await index.find(search, table.truth.fetch)
    finding = asyncio.create_task(index.find(search, table.truth.fetch))
    await indexes.forget("vs_1")
    assert await finding == before
    assert indexes.nbytes == 0


async def test_a_store_that_is_forgotten_while_it_is_loaded_stays_forgotten(indexes: Indexes) -> None:
    table = Table("vs_1", 1, 2)
    table.go_on.clear()
    loading = asyncio.create_task(table.index_in(indexes))
    while not table.reads:
        await asyncio.sleep(0)
    await indexes.forget("vs_1")
    table.go_on.set()
    await loading
    assert "vs_1" not in indexes
    assert indexes.nbytes == 0


async def test_an_index_of_dead_rows_is_loaded_anew(
    indexes: Indexes, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "FEW_ROWS", 10)
    table = Table("vs_1", 1)
    await table.index_in(indexes)
    size = indexes.nbytes
    for seed in range(20):
        table.put("file-1", file_of(seed, 12))
        await table.index_in(indexes)
        assert indexes.nbytes < 3 * size
    assert 1 < table.reads.count(0) < 20
    assert await table.found_in(indexes) == await found_afresh(table, workers)


async def test_many_that_come_and_go_at_once_find_what_they_hold(workers: Workers) -> None:
    tables = [Table(f"vs_{number}", number, number + 100) for number in range(20)]
    expected = [await found_afresh(table, workers) for table in tables]
    indexes = Indexes(bound=30_000, workers=workers)

    async def search(first: int) -> None:
        for step in range(40):
            number = (first + step * 7) % len(tables)
            assert await tables[number].found_in(indexes) == expected[number]

    await asyncio.gather(*(search(first) for first in range(5)))
    assert len(indexes) < len(tables)
    assert indexes.nbytes <= 30_000
