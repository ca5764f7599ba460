"""Runs whose code runs in a real sandbox: what they leave, and when sessions end."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from msgspec import structs

from engine.coding import runs_code
from engine.scripted import says
from engine.world import World, driven
from retinue.core.assistant import Assistant
from retinue.core.container import Container
from retinue.core.item import ToolOutput
from retinue.core.job import EXPIRE_CONTAINER, Job
from retinue.core.run import Status
from retinue.core.tools import CodeInterpreterTool
from retinue.engine.commands import assistants, containers, threads
from retinue.sandbox.base import Limits, SandboxFault
from retinue.sandbox.fork_server import ForkServer
from retinue.sandbox.lasting import LastingSandbox
from retinue.sandbox.readable import readable

ENDLESS = "open('begun', 'w').close()\nwhile True: pass"


@pytest.fixture
async def coding(world: World) -> World:
    """A world whose assistant has the tool, without a sandbox."""

    def change(assistant: Assistant) -> Assistant:
        return structs.replace(assistant, tools=(CodeInterpreterTool(),))

    world.assistant = await assistants.modify(world.engine, world.caller, world.assistant.id, change)
    return world


@pytest.fixture
async def sandboxed(coding: World) -> AsyncIterator[World]:
    sandbox = LastingSandbox(_start, pause_s=0)
    coding.sandbox = sandbox
    coding.new_engine()
    yield coding
    await coding.engine.stop(drain_s=0)
    await sandbox.close()


async def _start() -> ForkServer:
    try:
        return await ForkServer.start(Limits(), libraries=[], readable=readable())
    except SandboxFault as fault:
        pytest.skip(f"this machine has no namespaces: {fault}")


async def running(world: World) -> None:
    """Wait until a session has been opened for code."""
    while not world.engine.sessions.alive:
        await asyncio.sleep(0.005)


async def test_what_code_writes_is_stored_with_its_output_and_comes_with_the_answer(sandboxed: World) -> None:
    sandboxed.script(runs_code("open('a.txt', 'w').write('1')\nprint(42)"), says("Done."))
    history = await sandboxed.finished()
    assert history.run.status is Status.COMPLETED
    (output,) = (item for item in history.items if isinstance(item, ToolOutput))
    (written,) = output.files
    assert (output.output, written.path) == ("42\n", "a.txt")
    assert (await sandboxed.scope.files.get(written.file_id)).purpose == "assistants_output"
    assert [attachment.file_id for attachment in (await sandboxed.messages())[-1].attachments] == [written.file_id]


async def test_without_a_sandbox_the_run_fails_with_the_sentence(coding: World) -> None:
    coding.script(runs_code("1"), says("Done."))
    run = (await coding.finished()).run
    assert run.error is not None
    assert (run.status, run.error.code) == (Status.FAILED, "server_error")
    assert run.error.message == "This server runs no code: it has no sandbox."


async def test_a_deleted_thread_takes_its_session_along(sandboxed: World) -> None:
    sandboxed.script(runs_code("1"), says("Done."))
    await sandboxed.finished()
    assert sandboxed.engine.sessions.alive == 1
    await threads.delete(sandboxed.engine, sandboxed.caller, sandboxed.thread.id)
    assert sandboxed.engine.sessions.alive == 0


async def test_a_deleted_container_takes_its_session_along(sandboxed: World) -> None:
    sandboxed.script(runs_code("1"), says("Done."))
    await sandboxed.finished()
    container = await sandboxed.scope.containers.find_of_thread(sandboxed.thread.id)
    assert container is not None
    await containers.delete(sandboxed.engine, sandboxed.caller, container.id)
    assert sandboxed.engine.sessions.alive == 0


async def test_an_expired_container_takes_its_session_along(sandboxed: World) -> None:
    draft = Container(id="", created_at=0, name="C", last_active_at=0)
    container = await containers.create(sandboxed.engine, sandboxed.caller, draft)
    job = Job(kind=EXPIRE_CONTAINER, project=sandboxed.scope.project, key=container.id, due=0.0)
    async with sandboxed.engine.sessions.use((sandboxed.scope.project, container.id)):
        pass
    await containers.expire(sandboxed.engine, job)
    assert sandboxed.engine.sessions.alive == 1
    sandboxed.clock.advance(20 * 60)
    await containers.expire(sandboxed.engine, job)
    assert sandboxed.engine.sessions.alive == 0


async def test_a_cancelled_run_ends_the_session_of_its_code(sandboxed: World) -> None:
    sandboxed.script(runs_code(ENDLESS), says("Done."))
    run = await sandboxed.start()
    await running(sandboxed)
    await sandboxed.cancel(run)
    await driven(run)
    assert (await sandboxed.history(run)).run.status is Status.CANCELLED
    while sandboxed.engine.sessions.alive:
        await asyncio.sleep(0.005)


async def test_code_that_a_stop_broke_off_is_run_again_by_the_next_engine(sandboxed: World) -> None:
    sandboxed.script(runs_code("import time\ntime.sleep(0.5)\nprint(42)"), says("Done."))
    run = await sandboxed.start()
    await running(sandboxed)
    first = sandboxed.engine
    await first.stop(drain_s=0)
    assert first.sessions.alive == 0
    await sandboxed.new_engine().start()
    await sandboxed.listen(run)
    history = await sandboxed.history(run)
    assert history.run.status is Status.COMPLETED
    assert [item.output for item in history.items if isinstance(item, ToolOutput)] == ["42\n"]
