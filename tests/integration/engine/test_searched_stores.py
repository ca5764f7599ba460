"""Which vector stores a run searches, and what its model is told of those that it can't."""

import pytest
from msgspec import structs

from engine.scripted import says, searches
from engine.world import World
from retinue.core.item import ToolCall, ToolOutput
from retinue.core.run import Run
from retinue.core.thread import Thread
from retinue.core.tools import FileSearchTool, ToolResources
from retinue.core.vector_store import DAY_S, FileCounts, VectorStore
from retinue.tools import FileSearch


async def found(world: World) -> str:
    """What the model is told of a search."""
    world.script(searches("leave"), says("Done."))
    run = await world.start(tools=(FileSearchTool(),))
    await world.listen(run)
    (output,) = [item for item in (await world.history(run)).items if isinstance(item, ToolOutput)]
    return output.output


async def give_thread(world: World, store: str, **more: object) -> None:
    made = VectorStore(id=store, created_at=world.clock(), thread_id=world.thread.id, **more)
    await world.scope.vector_stores.insert(made)
    await name_in_thread(world, store)


async def name_in_thread(world: World, store: str) -> None:
    def change(thread: Thread) -> Thread:
        return structs.replace(thread, tool_resources=ToolResources(file_search=(store,)))

    await world.scope.threads.change(world.thread.id, change)


async def test_the_assistants_store_and_the_threads_are_searched_together(world: World) -> None:
    await world.search_in("vs_1")
    await give_thread(world, "vs_2")
    assert (await found(world)).startswith("2 passages were found.")
    assert world.library.searched == [("vs_1", "vs_2")]


async def test_one_store_that_both_name_is_searched_once(world: World) -> None:
    await world.search_in("vs_1")
    await name_in_thread(world, "vs_1")
    await found(world)
    assert world.library.searched == [("vs_1",)]


async def test_without_a_store_there_is_nothing_to_find(world: World) -> None:
    text = await found(world)
    assert text == "Nothing was found in the files.\n\nNobody has given files to this assistant or to this thread."
    assert world.library.searched == []


async def test_a_search_that_finds_nothing_says_so(world: World) -> None:
    await world.search_in()
    world.library.passages = []
    assert await found(world) == "Nothing was found in the files."


async def test_a_store_that_is_gone_is_named_and_the_other_searched(world: World) -> None:
    await world.search_in("vs_1")
    await name_in_thread(world, "vs_\n2")
    text = await found(world)
    assert "There is no vector store 'vs_\\n2'." in text
    assert world.library.searched == [("vs_1",)]


async def test_a_store_of_another_project_is_none(world: World) -> None:
    await world.store.scoped("theirs").vector_stores.insert(VectorStore(id="vs_theirs", created_at=0))
    await name_in_thread(world, "vs_theirs")
    assert "There is no vector store 'vs_theirs'." in await found(world)
    assert world.library.searched == []


async def test_a_store_whose_time_is_over_is_not_searched(world: World) -> None:
    await world.search_in("vs_1", expires_days=1)
    world.clock.now += 2 * DAY_S
    assert "The vector store vs_1 has expired." in await found(world)
    assert world.library.searched == []


async def test_a_search_is_a_use_of_its_store(world: World) -> None:
    await world.search_in("vs_1", expires_days=7)
    world.clock.now += DAY_S
    await found(world)
    assert (await world.scope.vector_stores.get("vs_1")).last_active_at == world.clock.now


class Pauses:
    """The pauses between looks at a store; after some, its files are read."""

    def __init__(self, world: World, store: str, *, ready_after: int) -> None:
        self._world, self._store, self._left = world, store, ready_after
        self.waited = 0.0

    async def __call__(self, seconds: float) -> None:
        self.waited += seconds
        self._left -= 1
        if not self._left:
            await set_reading(self._world, self._store, 0)


async def set_reading(world: World, store: str, files: int) -> None:
    async def work(tx: object) -> None:
        await tx.execute("UPDATE vector_stores SET in_progress = ? WHERE id = ?", files, store)  # type: ignore[attr-defined]

    await world.tap.write(work)
