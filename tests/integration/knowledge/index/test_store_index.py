"""A store in memory against the plain computation over all its windows."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from knowledge.index.truth import DIMENSIONS, File, Truth, file_of, fuse, query_of
from retinue.core.chunking import Grid
from retinue.core.vector_store import Slab
from retinue.knowledge.index import block, blocks
from retinue.knowledge.index.store_index import Search, StoreIndex
from retinue.knowledge.index.windows import BadSlab, Windows
from retinue.knowledge.index.workers import Workers
from retinue.knowledge.words import Words, pack

APART = Grid(per_chunk=3, step=3)
"""Chunks that share no window: then a score alone says which are found."""
CODED = 0.002
"""By how much a score may be off whose vector was not fetched."""
NAMES = st.sampled_from("abcdefgh")


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(2)
    yield made
    made.close()


async def filled(workers: Workers, files: dict[str, File]) -> StoreIndex:
    index = StoreIndex(DIMENSIONS, workers)
    for name, file in files.items():
        await index.put(name, file.grid, file.windows)
    return index


def expected(truth: Truth, search: Search) -> dict[tuple[str, int], float]:
    """Return what each chunk, by its first window, scores for the query that it answers best."""
    scored = [truth.scores(query, search.documents) for query in search.queries]
    return {(name, windows[0]): max(each[name, windows] for each in scored) for name, windows in scored[0]}


@settings(deadline=None, max_examples=60)
@given(
    steps=st.lists(st.tuples(NAMES, st.integers(0, 30), st.integers(0, 999)), min_size=1, max_size=12),
    queries=st.lists(st.integers(0, 999), min_size=1, max_size=3),
    files=st.none() | st.sets(NAMES),
)
def test_what_is_found_is_what_a_plain_look_at_every_window_finds(
    steps: list[tuple[str, int, int]], queries: list[int], files: Collection[str] | None
) -> None:
    async def grow_and_find() -> None:
        truth, workers = Truth(), Workers(1)
        index = StoreIndex(DIMENSIONS, workers)
        for name, windows, seed in steps:
            if windows == 0 and name in truth.files:
                await index.drop([name])
                del truth.files[name]
            else:
                truth.files[name] = file_of(1000 * ord(name) + seed, windows, grid=APART)
                await index.put(name, APART, truth.files[name].windows)
        asked = [query_of(seed) for seed in queries]
        search = Search(queries=asked, limit=5, documents=files, fuse=fuse)
        found = await index.find(search, truth.fetch)
        workers.close()
        wanted = expected(truth, search)
        scores = [each.score for each in found]
        np.testing.assert_allclose(scores, [wanted[each.document, each.first_window] for each in found], atol=CODED)
        np.testing.assert_allclose(scores, sorted(wanted.values(), reverse=True)[: search.limit], atol=CODED)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "BLOCK_ROWS", 32)
        patch.setattr(blocks, "PIECE_ROWS", 8)
        asyncio.run(grow_and_find())


async def test_a_passage_is_the_chunk_around_the_best_window(workers: Workers) -> None:
    truth = Truth({"file-a": file_of(1, 7)})
    index = await filled(workers, truth.files)
    found = await index.find(Search(queries=[query_of(3)], limit=9, fuse=fuse), truth.fetch)
    assert {(each.first_window, each.last_window) for each in found} <= {(0, 3), (2, 5), (4, 6)}
    assert all(each.first_window <= each.best_window <= each.last_window for each in found)


async def test_a_threshold_leaves_out_what_scores_less(workers: Workers) -> None:
    truth = Truth({"file-a": file_of(1, 90)})
    index = await filled(workers, truth.files)
    every = await index.find(Search(queries=[query_of(3)], limit=99, fuse=fuse), truth.fetch)
    threshold = every[4].score
    some = await index.find(Search(queries=[query_of(3)], limit=99, fuse=fuse, threshold=threshold), truth.fetch)
    assert some == every[:5]


async def test_an_empty_store_or_filter_and_no_queries_find_nothing(workers: Workers) -> None:
    truth = Truth({"file-a": file_of(1, 9)})
    index = await filled(workers, truth.files)
    for search in (
        Search(queries=[query_of(3)], limit=9, fuse=fuse, documents=[]),
        Search(queries=[query_of(3)], limit=9, fuse=fuse, documents=["file-b"]),
        Search(queries=[], limit=9, fuse=fuse),
    ):
        assert await index.find(search, truth.fetch) == []
    assert await (await filled(workers, {})).find(Search(queries=[query_of(3)], limit=9, fuse=fuse), truth.fetch) == []


async def test_windows_that_are_no_longer_stored_keep_the_score_of_their_codes(workers: Workers) -> None:
    truth = Truth({"file-a": file_of(1, 9, grid=APART)})
    index = await filled(workers, truth.files)
    search = Search(queries=[query_of(3)], limit=9, fuse=fuse)
    exact = await index.find(search, truth.fetch)
    truth.files.clear()
    coded = await index.find(search, truth.fetch)
    assert [each.best_window for each in coded] == [each.best_window for each in exact]
    np.testing.assert_allclose([each.score for each in coded], [each.score for each in exact], atol=0.01)


async def test_a_search_sees_a_file_whole_while_it_is_replaced(workers: Workers) -> None:
    versions = [file_of(seed, 40, grid=APART) for seed in range(2)]
    search = Search(queries=[query_of(1)], limit=99, fuse=fuse)
    whole = [await (await filled(workers, {"file-a": version})).find(search, nothing_stored) for version in versions]
    index = await filled(workers, {"file-a": versions[0]})

    async def replace() -> None:
        for turn in range(20):
            await index.put("file-a", APART, versions[(turn + 1) % 2].windows)

    async def find() -> list[int]:
        return [whole.index(await index.find(search, nothing_stored)) for _ in range(20)]

    _, *seen = await asyncio.gather(replace(), find(), find())
    assert {version for each in seen for version in each} == {0, 1}


async def nothing_stored(windows: Sequence[tuple[str, int]]) -> list[bytes | None]:
    return [None] * len(windows)


@pytest.mark.parametrize(
    "torn",
    [
        lambda first, second: [second],
        lambda first, second: [first, first],
        lambda first, second: [first, structs.replace(second, vectors=second.vectors[:-2])],
        lambda first, second: [first, structs.replace(second, terms=second.terms[:-1])],
        lambda first, second: [first, structs.replace(second, terms=b"")],
        lambda first, second: [first, structs.replace(second, terms=pack([{1: 1}]))],
    ],
)
def test_torn_slabs_are_refused(torn: Callable[[Slab, Slab], list[Slab]]) -> None:
    first, second = file_of(1, 8).slabs
    with pytest.raises(BadSlab):
        Windows(DIMENSIONS).add(torn(first, second))


async def test_an_index_whose_change_broke_off_is_not_sound(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are there by then, and belong to no file."""
    index = await filled(workers, {"file-a": file_of(1, 9)})

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Words, "_append", no_memory)
    with pytest.raises(MemoryError):
        await index.put("file-b", APART, file_of(2, 9).windows)
    assert not index.sound
