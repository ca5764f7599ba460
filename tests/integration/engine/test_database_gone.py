"""The database's file is deleted amid a run: the run stops, nothing is claimed to be stored, and it can go on later."""

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

from engine.scripted import Gate, says
from engine.world import World, driven, names
from retinue.core.errors import StoreFault
from retinue.core.run import Run, Status
from retinue.store.sqlite import groups


@pytest.fixture(autouse=True)
def always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_LOOK_S", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "retinue.db"


async def amid(world: World, gate: Gate) -> Run:
    world.script(says("Hel", gate, "lo."), says("Hello."))
    run = await world.start()
    await gate.reached.wait()
    await world.tap.flush()
    return run


async def test_a_run_whose_database_is_gone_is_not_told_to_have_ended(world: World, file: Path) -> None:
    gate = Gate()
    run = await amid(world, gate)
    listening = asyncio.create_task(world.listen(run))
    file.unlink()
    gate.go.set()
    assert names(await listening)[-1] == "thread.message.delta"


async def test_a_run_whose_database_is_gone_leaves_no_fault_that_nobody_saw(world: World, file: Path) -> None:
    unseen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    gate = Gate()
    run = await amid(world, gate)
    file.unlink()
    gate.go.set()
    await driven(run)
    await asyncio.sleep(0)
    gc.collect()
    assert unseen == []


async def test_a_run_whose_database_was_away_goes_on_at_the_next_start(world: World, file: Path) -> None:
    gate = Gate()
    run = await amid(world, gate)
    file.rename(file.with_name("away.db"))
    gate.go.set()
    await driven(run)
    file.with_name("away.db").rename(file)
    assert await world.new_engine().start() == 1
    await world.listen(run)
    assert (await world.history(run)).run.status is Status.COMPLETED


async def test_nothing_new_is_begun_without_a_database(world: World, file: Path) -> None:
    await world.messages()
    file.unlink()
    with pytest.raises(StoreFault, match="deleted or replaced"):
        await world.start()
    assert world.model.requests == []
