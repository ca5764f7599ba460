"""Vector stores in the engine: searches, their end, what is kept beside the database of those that are gone."""

import functools
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from engine.world import PROJECT, World
from retinue.api.vector_stores.bodies.stores import StoreChanges
from retinue.core.errors import InvalidRequest
from retinue.core.file import File
from retinue.core.job import CLEAR_DOCUMENT, EXPIRE_VECTOR_STORE, Job
from retinue.core.search import Passage, Search
from retinue.core.vector_store import DAY_S, FileDraft, FilledStore, Slab, VectorStore, Window
from retinue.engine.commands import vector_store_files, vector_stores
from retinue.knowledge import NoKnowledge
from retinue.knowledge.base import SearchFault
from retinue.store import Scope

DAY = {"expires_after": {"anchor": "last_active_at", "days": 1}}
WEEK = {"expires_after": {"anchor": "last_active_at", "days": 7}}
ASKED = Search(queries=("cats",), limit=3)


class Shelf(NoKnowledge):
    """Finds one passage in whatever is searched, and notes what it is told to forget."""

    def __init__(self) -> None:
        super().__init__()
        self.forgotten: list[str] = []

    async def search(self, scope: Scope, stores: Sequence[VectorStore], search: Search) -> list[Passage]:
        return [
            Passage(store_id=store.id, file_id="file-1", file_name="a.txt", score=1.0, text=search.queries[0])
            for store in stores
        ]

    async def forget(self, scope: Scope, store: str) -> None:
        self.forgotten.append(store)


@pytest.fixture
def shelf(world: World) -> Shelf:
    world.engine.knowledge = shelf = Shelf()
    return shelf


FILE = File(id="file-1", created_at=0.0, name="a.txt", purpose="assistants", size=1, sha256="0" * 64, blob="blob")


async def make(world: World, *, days: int | None = None) -> str:
    draft = FilledStore(store=VectorStore(id="", created_at=0, expires_days=days))
    return (await vector_stores.create(world.engine, world.caller, draft)).id


async def expire(world: World, store: str) -> None:
    job = Job(kind=EXPIRE_VECTOR_STORE, project=PROJECT, key=store, due=world.clock())
    await vector_stores.expire(world.engine, job)


async def test_a_search_keeps_its_store_alive(world: World, shelf: Shelf) -> None:
    store, made_at = await make(world, days=1), world.clock()
    for at, active in ((30.0, made_at), (61.0, made_at + 61), (100.0, made_at + 61)):
        world.clock.now = made_at + at
        [passage] = await vector_stores.search(world.engine, world.caller, store, ASKED)
        assert (passage.store_id, passage.text) == (store, "cats")
        assert (await world.scope.vector_stores.get(store)).last_active_at == active


async def test_a_store_whose_time_is_over_is_not_searched_and_is_let_go_of(world: World, shelf: Shelf) -> None:
    store = await make(world, days=1)
    await expire(world, store)
    assert shelf.forgotten == []
    world.clock.now += DAY_S
    with pytest.raises(InvalidRequest, match="has expired"):  # before the job comes round
        await vector_stores.search(world.engine, world.caller, store, ASKED)
    await expire(world, store)
    assert shelf.forgotten == [store]
    with pytest.raises(InvalidRequest, match="has expired"):
        await vector_stores.search(world.engine, world.caller, store, ASKED)


async def modify(world: World, store: str, body: dict[str, Any]) -> VectorStore:
    change = functools.partial(msgspec.convert(body, StoreChanges).applied_to, now=world.clock())
    return await vector_stores.modify(world.engine, world.caller, store, change)


async def test_a_store_that_is_given_days_has_all_of_them_before_it_expires(world: World, shelf: Shelf) -> None:
    store = await make(world)
    world.clock.now += 10 * DAY_S
    await modify(world, store, {"name": "Docs"})
    assert (await world.scope.vector_stores.get(store)).last_active_at == world.clock() - 10 * DAY_S
    changed = await modify(world, store, WEEK)
    assert changed.expires_at == world.clock() + 7 * DAY_S
    stored = await world.scope.vector_stores.get(store)
    assert (stored.name, stored.expires_days, stored.last_active_at) == ("Docs", 7, changed.last_active_at)
    await expire(world, store)
    assert not (await world.scope.vector_stores.get(store)).expired


@pytest.mark.parametrize("emptied", [True, False])
@pytest.mark.parametrize("body", [WEEK, {"expires_after": None}])
async def test_no_days_bring_back_a_store_whose_time_is_over(
    world: World, shelf: Shelf, body: dict[str, Any], emptied: bool
) -> None:
    store = await make(world, days=1)
    world.clock.now += DAY_S
    if emptied:
        await expire(world, store)
    with pytest.raises(InvalidRequest, match=r"has expired.* Make another one") as refused:
        await modify(world, store, body)
    assert refused.value.param == "expires_after"
    assert (await modify(world, store, {**DAY, "name": "Old"})).name == "Old"  # as a client sends all fields back


async def test_a_deleted_store_is_let_go_of(world: World, shelf: Shelf) -> None:
    store = await make(world)
    await vector_stores.delete(world.engine, world.caller, store)
    assert [job.key for job in await world.store.jobs.lease({EXPIRE_VECTOR_STORE: 9}, now=0.0, seconds=60)] == [store]
    await expire(world, store)
    assert shelf.forgotten == [store]


async def test_a_search_that_can_not_be_done_says_why(world: World) -> None:
    store = await make(world)
    world.engine.knowledge = NoKnowledge()
    with pytest.raises(SearchFault, match="pip install"):
        await vector_stores.search(world.engine, world.caller, store, ASKED)


async def test_all_windows_of_a_document_are_cleared_away(world: World) -> None:
    store = await make(world)
    documents = world.scope.documents
    await world.scope.files.insert(FILE)
    [attached] = await world.scope.vector_store_files.attach(store, [FileDraft(file_id="file-1")], at=0.0)
    windows = [Window(number=number, text="a") for number in range(1_100)]
    await documents.add(attached.document, windows, Slab(first=0, count=1_100, vectors=b"", terms=b""))
    await vector_store_files.detach(world.engine, world.caller, store, "file-1")
    await vector_store_files.clear(
        world.engine, Job(kind=CLEAR_DOCUMENT, project=PROJECT, key=attached.document, due=0.0)
    )
    assert await documents.windows(attached.document) == []
    assert await documents.slabs(attached.document) == []
