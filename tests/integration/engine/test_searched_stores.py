"""Which vector stores a run searches, and what its model is told of those that it can't."""

import pytest
from msgspec import structs

from engine.scripted import says, searches
from engine.world import World
from retinue.core.file import File
from retinue.core.item import ToolCall, ToolOutput
from retinue.core.paging import PageQuery
from retinue.core.thread import Thread
from retinue.core.tools import FileSearchTool, ToolResources
from retinue.core.vector_store import DAY_S, FileDraft, FileError, VectorStore
from retinue.tools import FileSearch


async def found(world: World) -> str:
    """What the model is told of a search."""
    world.script(searches("leave"), says("Done."))
    run = await world.start(tools=(FileSearchTool(),))
    await world.listen(run)
    (output,) = [item for item in (await world.history(run)).items if isinstance(item, ToolOutput)]
    return output.output


async def give_thread(world: World, store: str) -> None:
    made = VectorStore(id=store, created_at=world.clock(), thread_id=world.thread.id)
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
    assert world.books.searched == [("vs_1", "vs_2")]


async def test_one_store_that_both_name_is_searched_once(world: World) -> None:
    await world.search_in("vs_1")
    await name_in_thread(world, "vs_1")
    await found(world)
    assert world.books.searched == [("vs_1",)]


async def test_without_a_store_there_is_nothing_to_find(world: World) -> None:
    text = await found(world)
    assert text == "Nobody has given files to this assistant or to this thread."
    assert world.books.searched == []


async def test_a_search_that_finds_nothing_says_so(world: World) -> None:
    await world.search_in()
    world.books.passages = []
    assert await found(world) == "Nothing was found in the files."


async def test_a_store_whose_time_is_over_is_not_searched(world: World) -> None:
    await world.search_in("vs_1", expires_days=1)
    world.clock.now += 2 * DAY_S
    assert await found(world) == "The vector store 'vs_1' has expired."
    assert world.books.searched == []


async def test_a_search_is_a_use_of_its_store(world: World) -> None:
    await world.search_in("vs_1", expires_days=7)
    world.clock.now += DAY_S
    await found(world)
    assert (await world.scope.vector_stores.get("vs_1")).last_active_at == world.clock.now


class Reader:
    """What reads a thread's file while a search waits for it: it needs some looks."""

    def __init__(self, world: World, document: str, *, looks: int) -> None:
        self._world, self._document, self._looks = world, document, looks
        self.waited_s = 0.0

    async def pause(self, seconds: float) -> None:
        self.waited_s += seconds
        self._world.clock.advance(seconds)
        self._looks -= 1
        if self._looks == 0:
            await self._world.scope.vector_store_files.settle(self._document, windows=1)


async def unread(world: World, store: str, *, assistant_id: str | None = None) -> str:
    """The document of a file that was just put into a new vector store."""
    file = File(id="file-1", created_at=0, name="a", purpose="assistants", size=1, sha256="", blob="blob_1")
    await world.scope.files.insert(file)
    made = VectorStore(id=store, created_at=world.clock(), assistant_id=assistant_id)
    await world.scope.vector_stores.insert(made, [FileDraft(file_id="file-1")])
    return (await world.scope.vector_store_files.get(store, "file-1")).document


async def searched_by(
    world: World, search: FileSearch, *, spec: ToolResources | None = None, named: bool = False
) -> str:
    """What a search of a run comes to whose thread has got its store meanwhile, or its assistant, or (named) both."""
    await found(world)
    return await searched_again(world, search, spec=spec, named=named)


async def searched_again(
    world: World, search: FileSearch, *, spec: ToolResources | None = None, named: bool = False
) -> str:
    """What one more search of that run comes to."""
    run = (await world.scope.runs.list(world.thread.id, PageQuery())).data[0]
    (call,) = [item for item in (await world.history(run)).items if isinstance(item, ToolCall)]
    if spec is None or named:
        await name_in_thread(world, "vs_1")
    if spec is not None:
        run = structs.replace(run, spec=structs.replace(run.spec, tool_resources=spec))
    return (await search.run(world.scope, run, call)).output


def search_of(world: World) -> FileSearch:
    return FileSearch(world.books, clock=world.clock)


async def test_a_store_that_is_gone_is_named_and_the_other_searched(world: World) -> None:
    await world.search_in("vs_1")
    await name_in_thread(world, "vs_1")
    text = await searched_by(world, search_of(world), spec=ToolResources(file_search=("vs_\n2",)))
    assert "There is no vector store 'vs_\\n2'." in text
    assert world.books.searched[-1] == ("vs_1",)


async def test_a_store_of_another_project_is_none(world: World) -> None:
    await world.store.scoped("theirs").vector_stores.insert(VectorStore(id="vs_theirs", created_at=0))
    text = await searched_by(world, search_of(world), spec=ToolResources(file_search=("vs_theirs",)))
    assert text == "There is no vector store 'vs_theirs'."
    assert world.books.searched == []


@pytest.mark.parametrize(("looks", "waited_s"), [(1, 0.1), (3, 0.85), (20, 17.85)])
async def test_a_search_waits_until_the_threads_files_are_read(world: World, looks: int, waited_s: float) -> None:
    reader = Reader(world, await unread(world, "vs_1"), looks=looks)
    text = await searched_by(world, FileSearch(world.books, clock=world.clock, pause=reader.pause))
    assert text.startswith("2 passages were found. Cite each that you use by its marker.\n\n【")
    assert reader.waited_s == pytest.approx(waited_s)


async def test_files_that_came_with_a_message_and_cannot_be_searched_are_told_of(world: World) -> None:
    document = await unread(world, "vs_1")
    failed = FileError(code="invalid_file", message="The PDF is cut off.")
    await world.scope.vector_store_files.settle(document, error=failed)
    assert "The file 'a' can't be searched: The PDF is cut off." in await searched_by(world, search_of(world))


async def test_of_an_assistants_files_their_owner_knows(world: World) -> None:
    document = await unread(world, "vs_1")
    failed = FileError(code="invalid_file", message="The PDF is cut off.")
    await world.scope.vector_store_files.settle(document, error=failed)
    assert "cut off" not in await searched_by(world, search_of(world), spec=ToolResources(file_search=("vs_1",)))


async def test_it_waits_a_minute_at_most_and_says_what_is_missing(world: World) -> None:
    reader = Reader(world, await unread(world, "vs_1"), looks=10_000)
    text = await searched_by(world, FileSearch(world.books, clock=world.clock, pause=reader.pause))
    assert "2 passages were found." in text
    assert "Some files are not read yet" in text
    assert 60 <= reader.waited_s < 61


async def test_all_searches_of_a_run_wait_a_minute_together(world: World) -> None:
    reader = Reader(world, await unread(world, "vs_1"), looks=10_000)
    await found(world)
    for _ in range(3):  # each by a process of its own
        await searched_again(world, FileSearch(world.books, clock=world.clock, pause=reader.pause))
    assert 60 <= reader.waited_s < 61


async def test_a_minute_of_a_clock_that_was_set_back_ends_too(world: World) -> None:
    await unread(world, "vs_1")
    paused_s: list[float] = []

    async def pause(seconds: float) -> None:
        paused_s.append(seconds)

    await searched_by(world, FileSearch(world.books, clock=world.clock, pause=pause))
    assert 60 <= sum(paused_s) < 61


async def test_two_stores_are_waited_for_no_longer_than_one_and_told_of_once(world: World) -> None:
    reader = Reader(world, await unread(world, "vs_1"), looks=10_000)
    made = VectorStore(id="vs_2", created_at=world.clock(), assistant_id=world.assistant.id)
    await world.scope.vector_stores.insert(made, [FileDraft(file_id="file-1")])
    search = FileSearch(world.books, clock=world.clock, pause=reader.pause)
    text = await searched_by(world, search, spec=ToolResources(file_search=("vs_2",)), named=True)
    assert world.books.searched[-1] == ("vs_2", "vs_1")
    assert text.count("Some files are not read yet") == 1
    assert 60 <= reader.waited_s < 61


async def test_it_never_waits_for_the_assistants_files(world: World) -> None:
    reader = Reader(world, await unread(world, "vs_1"), looks=1)
    search = FileSearch(world.books, clock=world.clock, pause=reader.pause)
    text = await searched_by(world, search, spec=ToolResources(file_search=("vs_1",)))
    assert "Some files are not read yet" in text
    assert reader.waited_s == 0


async def test_it_waits_for_files_that_a_v1_client_gave_to_its_assistant(world: World) -> None:
    reader = Reader(world, await unread(world, "vs_1", assistant_id=world.assistant.id), looks=2)
    search = FileSearch(world.books, clock=world.clock, pause=reader.pause)
    text = await searched_by(world, search, spec=ToolResources(file_search=("vs_1",)))
    assert "not read yet" not in text
    assert reader.waited_s == pytest.approx(0.35)


async def test_a_store_that_is_deleted_while_a_search_waits_is_gone(world: World) -> None:
    await unread(world, "vs_1")

    async def pause(_seconds: float) -> None:
        await world.scope.vector_stores.delete("vs_1")

    text = await searched_by(world, FileSearch(world.books, clock=world.clock, pause=pause))
    assert text == "There is no vector store 'vs_1'."
