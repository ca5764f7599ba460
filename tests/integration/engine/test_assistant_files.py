"""Files that v1 clients give to their assistants, on their way into a vector store."""

from collections.abc import Awaitable, Callable

import pytest

from engine.test_files import uploaded
from engine.world import World
from retinue.core.assistant import Assistant
from retinue.core.job import INGEST_DOCUMENT
from retinue.core.tools import FileSearchTool
from retinue.engine.commands import assistant_files

DRAFT = Assistant(id="", created_at=0, model="scripted", tools=(FileSearchTool(),))


async def create(world: World, _assistant: str, file: str) -> None:
    await assistant_files.create(world.engine, world.caller, DRAFT, [file])


async def modify(world: World, assistant: str, file: str) -> None:
    await assistant_files.modify(world.engine, world.caller, assistant, lambda same: same, [file])


async def attach(world: World, assistant: str, file: str) -> None:
    await assistant_files.attach(world.engine, world.caller, assistant, file)


@pytest.mark.parametrize("give", [create, modify, attach])
async def test_a_file_that_is_given_to_an_assistant_is_read_at_once(
    world: World, give: Callable[[World, str, str], Awaitable[None]]
) -> None:
    assistant = await assistant_files.create(world.engine, world.caller, DRAFT, [])
    file = await uploaded(world)
    world.engine.jobs_added.clear()
    await give(world, assistant.id, file.id)
    assert await world.store.jobs.next_due(INGEST_DOCUMENT) == world.clock()
    assert world.engine.jobs_added.is_set()
